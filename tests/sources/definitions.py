"""Functions and classes, found in the sources by the names that the code uses."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Definition:
    """A function, a class or a constant of a module, or, without a name, the module."""

    module: str
    name: str
    """In its module, such as `PostgresFiles.get`."""

    @property
    def node(self) -> ast.AST | None:
        return definitions(self.module).get(self.name)

    @property
    def function(self) -> ast.FunctionDef | None:
        """The function's node; None for anything else."""
        return self.node if isinstance(self.node, ast.FunctionDef) else None

    @property
    def class_node(self) -> ast.ClassDef | None:
        """The class's node; None for anything else."""
        return self.node if isinstance(self.node, ast.ClassDef) else None

    @property
    def owner(self) -> "Definition | None":
        """The class of a method."""
        name = self.name.rpartition(".")[0]
        return Definition(self.module, name) if name else None


@cache
def find(module: str, dotted: str) -> Definition | None:
    """Return what a dotted name means in a module, such as `container.files`; None if it isn't the project's."""
    first, _, rest = dotted.partition(".")
    found = _find_name(module, first)
    if found is None or not rest:
        return found
    if not found.name:
        return find(found.module, rest)
    return find_method(found, rest) if found.class_node else None


def dotted_name(expression: ast.expr) -> str | None:
    """Return `a.b.c` if the expression is a dotted name."""
    if isinstance(expression, ast.Name):
        return expression.id
    if isinstance(expression, ast.Attribute) and (start := dotted_name(expression.value)):
        return f"{start}.{expression.attr}"
    return None


@cache
def find_method(owner: Definition, name: str) -> Definition | None:
    """Return the method of a class, be it inherited; None if it has none of this name."""
    own = Definition(owner.module, f"{owner.name}.{name}")
    if own.node is not None:
        return own
    return next((found for base in find_bases(owner) if (found := find_method(base, name))), None)


def find_bases(owner: Definition) -> list[Definition]:
    """Return the project's classes that a class inherits from."""
    names = [dotted_name(base) for base in owner.class_node.bases] if owner.class_node else []
    found = [find(owner.module, name) for name in names if name]
    return [base for base in found if base and base.class_node]


def is_protocol(owner: Definition) -> bool:
    """Return whether a class is a port."""
    return owner.class_node is not None and "Protocol" in map(dotted_name, owner.class_node.bases)


@cache
def find_adapters(port: Definition) -> list[Definition]:
    """Return the adapters' classes that have all the methods of a port, with its parameters. Raises LookupError if
    there is none."""
    found = [
        adapter
        for module in modules("chalicelib/adapters")
        for adapter in (Definition(module, name) for name in definitions(module))
        if adapter.class_node and _methods(port).items() <= _methods(adapter).items()
    ]
    if not found:
        raise LookupError(f"no adapter implements {port}")
    return found


def method_names(owner: Definition) -> set[str]:
    """Return the names of a class's own methods."""
    return set(_methods(owner))


def _methods(owner: Definition) -> dict[str, tuple[str, ...]]:
    """Return the names of the parameters of a class's own methods."""
    body = owner.class_node.body if owner.class_node else []
    methods = [node for node in body if isinstance(node, ast.FunctionDef)]
    return {node.name: tuple(each.arg for each in (*node.args.args, *node.args.kwonlyargs)) for node in methods}


def modules(folder: str) -> Iterator[str]:
    """Yield the names of the modules in a folder of the repository."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        yield ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def definitions(module: str) -> dict[str, ast.AST]:
    """Return the module's functions, classes, methods and constants by their names in it."""
    found: dict[str, ast.AST] = {}
    for node in _tree(module).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = node
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{each.name}": each for each in node.body if isinstance(each, ast.FunctionDef)}
        if isinstance(node, ast.Assign):
            found |= {target.id: node for target in node.targets if isinstance(target, ast.Name)}
    return found


def _find_name(module: str, name: str) -> Definition | None:
    if name in definitions(module):
        return Definition(module, name)
    source, original = _imports(module).get(name, ("", ""))
    if original and _path(f"{source}.{original}"):
        return Definition(f"{source}.{original}", "")
    if not _path(source):
        return None
    return _find_name(source, original) if original else Definition(source, "")


@cache
def _imports(module: str) -> dict[str, tuple[str, str]]:
    """Return what each imported name is: its module, and its name there, empty for a whole module."""
    found: dict[str, tuple[str, str]] = {}
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {alias.asname or alias.name: (node.module, alias.name) for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.asname or alias.name: (alias.name, "") for alias in node.names}
    return found


@cache
def _tree(module: str) -> ast.Module:
    path = _path(module)
    assert path, module
    return ast.parse(path.read_text())


@cache
def _path(module: str) -> Path | None:
    """Return the file of one of the project's modules."""
    if not module:
        return None
    base = ROOT / module.replace(".", "/")
    return next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file()), None)
