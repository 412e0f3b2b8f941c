"""Writes the reference of the package, from its stub file, as pages that ask nothing of a network.

The stub has what the module cannot tell: types, and an order. Its docstrings are the module's.
"""

from __future__ import annotations

import ast
import importlib
import re
import shutil
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TypeVar

import pdoc
import pdoc.render

PACKAGE = Path(__file__).parent / "python" / "cmetrics"
# What a browser loads by itself, from another place.
LOADED = re.compile(
    r"""(?:\bsrc(?:set)?=|<link\b[^>]*\bhref=|@import|\burl\(|\bimport\b|\bfrom\b|\bfetch\()"""
    r"""[\s"']*(?:https?:)?//[^\s"'>)]*"""
)

Scope = TypeVar("Scope", ast.Module, ast.ClassDef)


def main(pages: Path) -> int:
    """Write the pages into a folder, in place of what is there."""
    shutil.rmtree(pages, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "cmetrics"
        shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("*.pyi", "_cmetrics*"))
        (package / "__init__.py").write_text(module(), encoding="utf-8")
        # pdoc lets nothing that it imports start a program, and where matplotlib has no list of
        # fonts yet, as on a new machine, it starts one that makes the list.
        importlib.import_module("matplotlib.figure")
        sys.path.insert(0, folder)  # before the package that may be installed
        pdoc.render.configure(docformat="markdown", show_source=False)
        pdoc.pdoc("cmetrics", output_directory=pages)
    texts = [page.read_text(encoding="utf-8") for page in sorted(pages.rglob("*.html"))]
    loaded = [each for text in texts for each in LOADED.findall(text)]
    if loaded:
        sys.stderr.write(f"{pages} would load {', '.join(loaded)}\n")
        return 1
    sys.stdout.write(f"the reference of the package is in {pages}\n")
    return 0


def module() -> str:
    """Write the package as one module: what `__init__.py` says of it, and what the stub has."""
    package = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    stub = ast.parse((PACKAGE / "_cmetrics.pyi").read_text(encoding="utf-8"))
    head = ast.parse(f"{ast.get_docstring(package)!r}\nfrom __future__ import annotations")
    public = [node for node in package.body if assigns_all(node)]
    defined = [node for node in stub.body if not assigns_all(node)]
    # A stub may name a class before it is there. Only annotations need these, which come last.
    defined.sort(key=lambda node: isinstance(node, ast.AnnAssign))
    whole = ast.Module([*head.body, *public, *defined], type_ignores=[])
    return ast.unparse(ast.fix_missing_locations(Simpler().visit(whole)))


def assigns_all(node: ast.stmt) -> bool:
    """Tell whether a statement gives `__all__` its value."""
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"


class Simpler(ast.NodeTransformer):
    """Writes definitions in ways that pdoc shows well."""

    def visit_Module(self, node: ast.Module) -> ast.Module:
        """Join what is overloaded there."""
        return self.joined(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        """Join what is overloaded there."""
        return self.joined(node)

    def joined(self, scope: Scope) -> Scope:
        """Make one function of its overloads, that takes and returns what any of them does."""
        self.generic_visit(scope)
        overloads: dict[str, list[ast.FunctionDef]] = defaultdict(list)
        body: list[ast.stmt] = []
        for node in scope.body:
            if isinstance(node, ast.FunctionDef):
                overloads[node.name].append(node)
            if not isinstance(node, ast.FunctionDef) or len(overloads[node.name]) == 1:
                body.append(node)
        for first, *others in overloads.values():
            join(first, others)
        scope.body = body
        return scope

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """Make `__init__` of `__new__`: that is shown as how the class is called."""
        if node.name == "__new__":
            node.name, node.returns = "__init__", None
            node.args.args[0].arg = "self"
        return node


def join(first: ast.FunctionDef, others: list[ast.FunctionDef]) -> None:
    """Join the types of overloads in the first one."""
    first.decorator_list = [
        each for each in first.decorator_list if ast.unparse(each) != "overload"
    ]
    for other in others:
        first.returns = either(first.returns, other.returns)
        theirs = {argument.arg: argument for argument in arguments(other)}
        for argument in arguments(first):
            if argument.arg in theirs:
                argument.annotation = either(argument.annotation, theirs[argument.arg].annotation)


def arguments(function: ast.FunctionDef) -> list[ast.arg]:
    """List the arguments of a function."""
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


def either(one: ast.expr | None, other: ast.expr | None) -> ast.expr | None:
    """Write the type that is one or the other."""
    if one is None or other is None:
        return one or other
    told = ast.unparse(one).split(" | ")
    more = [each for each in ast.unparse(other).split(" | ") if each not in told]
    return ast.parse(" | ".join([*told, *more]), mode="eval").body


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
