"""Which functions of the project a call in a function may reach.

A call is found by the name of the function, or by the class of the object whose method it is: that of a parameter,
a field or a function's result by its annotation, that of a variable by what is assigned to it. A method of a port
is that of every adapter that implements it.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from tests.sources.definitions import (
    Definition,
    dotted_name,
    find,
    find_adapters,
    find_bases,
    find_method,
    is_protocol,
)

INITIALIZERS = ("__init__", "__post_init__")


@dataclass(frozen=True)
class Scope:
    """A function, with the functions that are passed to it by the parameter's name."""

    function: Definition
    passed: Mapping[str, Definition]

    @property
    def module(self) -> str:
        return self.function.module

    @property
    def node(self) -> ast.FunctionDef:
        assert self.function.function, self.function
        return self.function.function

    def find(self, expression: ast.expr) -> Definition | None:
        """Return what an expression names, if it is a global name."""
        name = self.global_name(expression)
        return find(self.module, name) if name else None

    def global_name(self, expression: ast.expr) -> str | None:
        """Return the dotted name if the expression is one that begins with a name of the module."""
        name = dotted_name(expression)
        return None if name is None or name.partition(".")[0] in _local_names(self.node) else name


def find_functions(expression: ast.expr, scope: Scope) -> list[Definition]:
    """Return the functions that an expression may be; of a class its initializers."""
    if isinstance(expression, ast.Name) and expression.id in scope.passed:
        return [scope.passed[expression.id]]
    found = scope.find(expression)
    if found and found.function:
        return [found]
    if found and found.class_node:
        return [each for name in INITIALIZERS if (each := find_method(found, name))]
    if not isinstance(expression, ast.Attribute):
        return []
    owners = _classes(expression.value, scope)
    return [each for owner in owners for each in _find_methods(owner, expression.attr)]


def passed_functions(call: ast.Call, function: Definition, scope: Scope) -> dict[str, tuple[ast.expr, Definition]]:
    """Return the functions among a call's arguments by the parameter, each with its expression."""
    assert function.function
    names = [argument.arg for argument in (*function.function.args.posonlyargs, *function.function.args.args)]
    names = names[1:] if names[:1] == ["self"] else names
    arguments = [*zip(names, call.args, strict=False), *((each.arg, each.value) for each in call.keywords)]
    found: dict[str, tuple[ast.expr, Definition]] = {}
    for name, expression in arguments:
        functions = find_functions(expression, scope)
        if name and len(functions) == 1 and not is_initializer(functions[0]):
            found[name] = (expression, functions[0])
    return found


def is_initializer(function: Definition) -> bool:
    """Return whether a function is called by its class."""
    return function.name.rpartition(".")[2] in INITIALIZERS


def _find_methods(owner: Definition, name: str) -> list[Definition]:
    owners = find_adapters(owner) if is_protocol(owner) else [owner]
    return [found for each in owners if (found := find_method(each, name)) and found.function]


def _classes(expression: ast.expr, scope: Scope) -> list[Definition]:
    """Return the project's classes that an expression's value may have."""
    parameters = _parameters(scope.node)
    match expression:
        case ast.Name(id="self" | "cls") if scope.function.owner:
            return [scope.function.owner]
        case ast.Name(id=name) | ast.Call(func=ast.Name(id=name)) if name in parameters:
            return _classes_in(parameters[name], scope.module)
        case ast.Name(id=name):
            return [each for value in _assigned(scope.node).get(name, ()) for each in _classes(value, scope)]
        case ast.Attribute(value=value, attr=name):
            return [each for owner in _classes(value, scope) for each in _classes_of_field(owner, name)]
        case ast.Call(func=called):
            found = scope.find(called)
            if found and found.class_node:
                return [found]
            functions = find_functions(called, scope)
            nodes = [(each.module, each.function) for each in functions if each.function]
            return [each for module, node in nodes for each in _classes_in(node.returns, module)]
    return []


def _classes_of_field(owner: Definition, name: str) -> list[Definition]:
    """Return the classes that a field of an object may have, or what a property returns."""
    assert owner.class_node
    for node in owner.class_node.body:
        if isinstance(node, ast.AnnAssign) and dotted_name(node.target) == name:
            return _classes_in(node.annotation, owner.module)
    if (found := find_method(owner, name)) and found.function:
        return _classes_in(found.function.returns, found.module)
    if initializer := find_method(owner, "__init__"):
        scope = Scope(initializer, {})
        values = _assigned(scope.node).get(f"self.{name}", ())
        return [each for value in values for each in _classes(value, scope)]
    return [each for base in find_bases(owner) for each in _classes_of_field(base, name)]


def _classes_in(annotation: ast.expr | None, module: str) -> list[Definition]:
    """Return the project's classes that an annotation mentions, be it as a string."""
    names: dict[str, None] = {}
    for node in ast.walk(annotation) if annotation else ():
        if isinstance(node, ast.Name):
            names[node.id] = None
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names |= dict.fromkeys(part.strip() for part in node.value.split("|"))
    found = [find(module, name) for name in names]
    return [each for each in found if each and each.class_node]


@cache
def _parameters(function: ast.FunctionDef) -> dict[str, ast.expr | None]:
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    return {argument.arg: argument.annotation for argument in every if argument}


@cache
def _local_names(function: ast.FunctionDef) -> set[str]:
    """Return the names of a function's parameters and variables, also of lambdas and comprehensions in it."""
    nodes = list(ast.walk(function))
    variables = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return variables | {node.arg for node in nodes if isinstance(node, ast.arg)}


@cache
def _assigned(function: ast.FunctionDef) -> dict[str, list[ast.expr]]:
    """Return what a function assigns to each name, such as `self._database`, and not `x = x.strip()`."""
    found: dict[str, list[ast.expr]] = {}
    for statement in (node for node in ast.walk(function) if isinstance(node, ast.Assign)):
        for name, value in (pair for target in statement.targets for pair in _pairs(target, statement.value)):
            if name not in {each.id for each in ast.walk(value) if isinstance(each, ast.Name)}:
                found.setdefault(name, []).append(value)
    return found


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for each, part in zip(target.elts, value.elts, strict=True):
            yield from _pairs(each, part)
    elif name := dotted_name(target):
        yield name, value
