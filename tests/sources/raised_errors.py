"""The errors that functions can raise, computed from their sources.

What a function raises is what its `raise` statements name and what the functions that it calls raise (calls.py),
without what is caught on the way. Conditions aren't looked at, so it may be more than what can happen. What is
raised and can't be computed is an error whose code is `unknown`, so that a test fails instead of missing it.
docs/decisions/0026-declared-errors.md has the alternatives.
"""

import ast
import builtins
import importlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from chalicelib.core.errors import ErrorKind, ServiceError
from tests.sources.calls import Scope, find_functions, is_initializer, passed_functions
from tests.sources.definitions import Definition, dotted_name


@dataclass(frozen=True, slots=True)
class Raised:
    """An error with its exception, by which it is caught."""

    exception: type[ServiceError]
    kind: ErrorKind


Errors = frozenset[Raised]
NOTHING: Errors = frozenset()

Call = tuple[Definition, frozenset[tuple[str, Definition]]]
"""A function, and the functions that are passed to it."""


@dataclass(frozen=True)
class Handler(Scope):
    """Where a piece of code is: a function, or an `except` in it."""

    caught: Errors = NOTHING
    """What a `raise` without an exception raises again."""
    caught_name: str | None = None


@dataclass
class Analysis:
    """What is known of the functions so far."""

    known: dict[Call, Errors] = field(default_factory=dict)
    _visited: set[Call] = field(default_factory=set)

    def raised_by(self, *functions: Definition) -> set[ErrorKind]:
        """Return the errors of these functions. Functions that call each other need several rounds."""
        while True:
            before = dict(self.known)
            self._visited.clear()
            errors = NOTHING.union(*(self._raised_by(function) for function in functions))
            if self.known == before:
                return {error.kind for error in errors}

    def _raised_by(self, function: Definition, passed: Iterable[tuple[str, Definition]] = ()) -> Errors:
        call = (function, frozenset(passed))
        if call not in self._visited:
            self._visited.add(call)
            scope = Handler(function, dict(call[1]))
            self.known[call] = self._of_all(scope.node.body, scope)
        return self.known.get(call, NOTHING)

    def _of_all(self, nodes: Iterable[ast.AST], scope: Handler) -> Errors:
        return NOTHING.union(*(self._of(node, scope) for node in nodes))

    def _of(self, node: ast.AST, scope: Handler) -> Errors:
        """Return the errors of a statement or an expression."""
        match node:
            case ast.Try():
                return self._of_try(node, scope)
            case ast.With():
                return self._of_with(node, scope)
            case ast.Raise():
                return self._of_raise(node, scope)
            case ast.Call():
                return self._of_call(node, scope)
            case ast.Name() | ast.Attribute():
                return self._of_reference(node, scope)
            case ast.AnnAssign():
                return self._of(node.value, scope) if node.value else NOTHING
        return self._of_all(ast.iter_child_nodes(node), scope)

    def _of_try(self, node: ast.Try, scope: Handler) -> Errors:
        errors = self._of_all(node.body, scope)
        others = self._of_all([*node.orelse, *node.finalbody], scope)
        for handler in node.handlers:
            caught = _caught(errors, handler.type, scope)
            errors -= caught
            others |= self._of_all(handler.body, replace(scope, caught=caught, caught_name=handler.name))
        return errors | others

    def _of_with(self, node: ast.With, scope: Handler) -> Errors:
        errors = self._of_all(node.body, scope)
        for item in reversed(node.items):
            call = item.context_expr
            if isinstance(call, ast.Call) and dotted_name(call.func) == "suppress":
                errors = errors.difference(*(_caught(errors, argument, scope) for argument in call.args))
            else:
                errors |= self._of(call, scope)
        return errors

    def _of_raise(self, node: ast.Raise, scope: Handler) -> Errors:
        if node.exc is None or (isinstance(node.exc, ast.Name) and node.exc.id == scope.caught_name):
            return scope.caught
        arguments = self._of(node.exc, scope) if isinstance(node.exc, ast.Call) else NOTHING
        return arguments | _errors_made_by(node.exc, scope)

    def _of_call(self, node: ast.Call, scope: Handler) -> Errors:
        functions = find_functions(node.func, scope)
        passed = passed_functions(node, functions[0], scope) if len(functions) == 1 else {}
        errors = self._of(node.func.value, scope) if isinstance(node.func, ast.Attribute) else NOTHING
        for function in functions:
            errors |= self._raised_by(function, ((name, given) for name, (_, given) in passed.items()))
        judged_where_called = {expression for expression, _ in passed.values()}
        arguments = {*node.args, *(keyword.value for keyword in node.keywords)} - judged_where_called
        return errors | self._of_all(arguments, scope)

    def _of_reference(self, node: ast.Name | ast.Attribute, scope: Handler) -> Errors:
        """Return what a property raises, or a function that is handed on to where it can't be followed."""
        functions = [] if isinstance(node.ctx, ast.Store) else find_functions(node, scope)
        errors = NOTHING.union(*(self._raised_by(each) for each in functions if not is_initializer(each)))
        return errors | (self._of(node.value, scope) if isinstance(node, ast.Attribute) else NOTHING)


def _errors_made_by(expression: ast.expr, scope: Scope) -> Errors:
    """Return the errors that a raised expression may be: an exception, or what a function returns."""
    called = expression.func if isinstance(expression, ast.Call) else expression
    found = scope.find(called)
    if found and found.function:
        returned = [node.value for node in ast.walk(found.function) if isinstance(node, ast.Return) and node.value]
        return NOTHING.union(*(_errors_made_by(value, Scope(found, {})) for value in returned))
    exception = _value(called, scope)
    if not isinstance(exception, type) or not issubclass(exception, ServiceError):
        return frozenset() if isinstance(exception, type) else _unknown(scope)
    if not isinstance(expression, ast.Call) or not expression.args:
        return frozenset({Raised(exception, exception().kind)})  # type: ignore[call-arg]  # one with a fixed kind
    names = [node for node in ast.walk(expression.args[0]) if isinstance(node, ast.Name)]
    kinds = [kind for name in names if isinstance(kind := _value(name, scope), ErrorKind)]
    return frozenset(Raised(exception, kind) for kind in kinds) or _unknown(scope)


def _unknown(scope: Scope) -> Errors:
    where = f"{scope.function.module}.{scope.function.name}"
    return frozenset({Raised(ServiceError, ErrorKind("unknown", f"raised by {where}"))})


def _caught(errors: Errors, classes: ast.expr | None, scope: Scope) -> Errors:
    """Return those of the errors that an `except` of these classes catches."""
    if classes is None:
        return errors
    members = classes.elts if isinstance(classes, ast.Tuple) else [classes]
    values = tuple(value for member in members if isinstance(value := _value(member, scope), type))
    return frozenset(error for error in errors if issubclass(error.exception, values))


def _value(expression: ast.expr, scope: Scope) -> Any:
    """Return the value of a name of the module, such as a class or a constant; None if it isn't one."""
    name = scope.global_name(expression)
    value: Any = importlib.import_module(scope.module)
    for part in name.split(".") if name else ["None"]:
        value = getattr(value, part, getattr(builtins, part, None))
    return value
