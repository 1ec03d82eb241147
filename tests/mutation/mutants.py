"""The mutants of a module: what mutmut changes, where it stands, and how it is put into place."""

import inspect
from typing import NamedTuple

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators

#: Nothing in these is changed: hints, names, and (after `raise`) words for the reader.
SKIPPED = (cst.Annotation, cst.Decorator, cst.Raise, cst.Import, cst.ImportFrom)


class Mutant(NamedTuple):
    """One change, and the source of the whole module with it."""

    line: int
    function: range  # the lines of the function it is in; empty outside of functions
    change: str
    source: str


class Changes(cst.CSTVisitor):
    """Collects (node, what stands there instead, its line, the lines of its function)."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self):
        self.found, self.functions = [], [range(0)]

    def on_visit(self, node):
        called = getattr(getattr(node, "func", None), "value", None)
        if isinstance(node, SKIPPED) or called in ("len", "isinstance"):
            return False
        at = self.get_metadata(PositionProvider, node, None)
        if isinstance(node, cst.FunctionDef):
            self.functions.append(range(at.start.line, at.end.line + 1))
        for kind, operator in mutation_operators:
            if at and isinstance(node, kind):
                where = at.start.line, self.functions[-1]
                self.found += [(node, new, *where) for new in operator(node)]
        return True

    def on_leave(self, node):
        if isinstance(node, cst.FunctionDef):
            self.functions.pop()


def mutants(source):
    """Every mutant that is Python."""
    wrapper, changes = MetadataWrapper(cst.parse_module(source)), Changes()
    wrapper.visit(changes)
    for node, new, line, function in changes.found:
        mutated = wrapper.module.deep_replace(node, new).code
        try:
            compile(mutated, "mutant", "exec")
        except SyntaxError:
            continue
        texts = (" ".join(wrapper.module.code_for_node(n).split()) for n in (node, new))
        yield Mutant(line, function, "  →  ".join(texts), mutated)


def put(module, original, mutated):
    """Make the module what its source says, in place: whoever imported from it sees the change."""
    namespaces = [{"__name__": module.__name__} for _ in range(2)]
    for source, namespace in zip((original, mutated), namespaces, strict=True):
        exec(compile(source, module.__file__, "exec"), namespace)
    before, after = namespaces
    for name, value in after.items():
        ours = getattr(value, "__module__", None) == module.__name__
        if inspect.isclass(value) and ours:
            for attribute, method in vars(value).items():
                _put_function(vars(vars(module)[name])[attribute], method)
        elif inspect.isfunction(value) and ours:
            _put_function(vars(module)[name], value)
        elif name != "__builtins__" and value != before[name]:
            setattr(module, name, value)


def _put_function(old, new):
    old, new = (inspect.unwrap(getattr(f, "fget", f)) for f in (old, new))
    if inspect.isfunction(new):
        for part in ("__code__", "__defaults__", "__kwdefaults__"):
            setattr(old, part, getattr(new, part))
