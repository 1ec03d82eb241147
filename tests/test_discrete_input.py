"""What the discrete functions take, what they return, and what they refuse."""

import math
import re

import numpy as np
import pytest
import sympy as sp
import torch

from kldiv import cross_entropy, entropy, jeffreys_divergence, js_divergence, kl_divergence
from kldiv.estimators import kl_plug_in_counts

FUNCTIONS = [kl_divergence, cross_entropy, js_divergence, jeffreys_divergence]
HALF, QUARTER = [0.5, 0.5], [0.25, 0.75]
x, y = sp.symbols("x y", positive=True)


# --- Shapes, types and what is left alone -------------------------------------------------------


@pytest.mark.parametrize("function", FUNCTIONS)
def test_shapes_broadcast_and_one_axis_goes(function):
    rng = np.random.default_rng(0)
    p, q = rng.dirichlet(np.ones(3), size=(5, 1)), rng.dirichlet(np.ones(3), size=4)
    value = function(p, q)
    assert value.shape == (5, 4)
    assert value[2, 1] == pytest.approx(function(p[2, 0], q[1]), rel=1e-14)
    moved = function(np.moveaxis(p, -1, 0), np.moveaxis(q, -1, 0)[:, None], axis=0)
    np.testing.assert_allclose(moved, value, rtol=1e-13)
    flat = function(p / 5, rng.dirichlet(np.ones(15)).reshape(5, 1, 3), axis=None)
    assert flat.shape == ()
    assert function(p[:0], q[:1]).shape == (0, 1)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("function", [*FUNCTIONS, entropy])
def test_the_result_has_the_type_of_the_arguments(function, dtype):
    arguments = [np.array(x, dtype) for x in ([HALF] if function is entropy else [HALF, QUARTER])]
    value = function(*arguments)
    assert type(value) is np.dtype(dtype).type
    in_torch = function(*map(torch.from_numpy, arguments), base=2)
    assert in_torch.shape == () and in_torch.dtype == getattr(torch, dtype)
    assert isinstance(function(*(a[None] for a in arguments)), np.ndarray)


def test_lists_and_integers_join_what_they_come_with():
    assert kl_divergence(np.float32(HALF), QUARTER).dtype == np.float32
    assert kl_divergence(torch.tensor(HALF), QUARTER).dtype == torch.float32
    assert kl_divergence([1, 0], np.array([True, False])).dtype == np.float64
    assert kl_divergence(torch.tensor([1, 1]), torch.tensor([3, 1]), normalize=True) > 0
    assert kl_divergence(np.float32(HALF), np.array(QUARTER)).dtype == np.float64


@pytest.mark.parametrize("function", FUNCTIONS)
def test_counts_are_divided_by_their_sums(function):
    assert function([3, 1], [2, 6], normalize=True) == pytest.approx(
        function([0.75, 0.25], QUARTER), rel=1e-14
    )


@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_inputs_are_never_modified(function, normalize):
    p, q = np.array([0.5, 0.5, 0]), np.array([0.25, 0.25, 0.5])
    copies, tensors = (p.copy(), q.copy()), (torch.from_numpy(p), torch.from_numpy(q))
    p.flags.writeable = q.flags.writeable = False
    function(p, q, normalize=normalize)
    function(*tensors, normalize=normalize)
    np.testing.assert_array_equal((p, q), copies)


# --- Bad input ----------------------------------------------------------------------------------

MASKED = np.ma.array([0.5, 0.5, 9], mask=[0, 0, 1])
BAD = {
    "NaN": ([math.nan, 1.0], HALF, {}, ValueError, "p .*nan"),
    "a zero row": ([[0, 0], [1, 2]], HALF, {"normalize": True}, ValueError, "p .* is 0"),
    "an infinite row": ([[1, 2], [math.inf, 1]], HALF, {"normalize": True}, ValueError, "p .* inf"),
    "NaN, normalized": ([math.nan, 1.0], HALF, {"normalize": True}, ValueError, "p .*nan"),
    "negative": ([-0.5, 1.5], HALF, {}, ValueError, r"p .*-0\.5"),
    "negative in q": (HALF, [[0.5, 0.5], [1.25, -0.25]], {}, ValueError, r"q .*-0\.25"),
    "negative counts": ([-1, 2], HALF, {"normalize": True}, ValueError, "p .*-1"),
    "infinite": ([math.inf, 0], HALF, {}, ValueError, "p .*inf"),
    "infinite counts": ([math.inf, 0], HALF, {"normalize": True}, ValueError, "p .*inf"),
    "all zero": ([0, 0], HALF, {"normalize": True}, ValueError, "p .*0"),
    "not normalized": ([0.5, 0.6], HALF, {}, ValueError, r"p .*1\.1"),
    "counts": (HALF, [3, 1], {}, ValueError, "q .*4.*normalize=True"),
    "slightly off": (HALF, [0.5, 0.5 + 1e-7], {}, ValueError, r"q .*1\.0000001"),
    "wrong axis": ([HALF] * 3, [HALF] * 3, {"axis": 0}, ValueError, r"axis 0.*1\.5"),
    "not one": ([HALF] * 2, [HALF] * 2, {"axis": None}, ValueError, r"^(?!.*axis -1).* 2\b"),
    "shapes": (HALF, [0.2, 0.3, 0.5], {}, ValueError, r"\(2,\).*\(3,\)"),
    "empty": ([], [], {}, ValueError, r"empty.*\(0,\)"),
    "empty axis": (np.ones((3, 0)), np.ones((3, 0)), {}, ValueError, r"\(3, 0\)"),
    "single number": (1.0, 1.0, {}, ValueError, "single number"),
    "axis too large": (HALF, HALF, {"axis": 2}, ValueError, r"axis 2.*\(2,\)"),
    "axis too small": (HALF, HALF, {"axis": -2}, ValueError, r"axis -2.*\(2,\)"),
    "axis tuple": ([HALF], [HALF], {"axis": (0, 1)}, ValueError, r"\(0, 1\)"),
    "axis float": (HALF, HALF, {"axis": 0.0}, ValueError, r"0\.0"),
    "axis string": (HALF, HALF, {"axis": "0"}, ValueError, "'0'"),
    **{
        f"base {b!r:.20}": (HALF, HALF, {"base": b}, ValueError, re.escape(repr(b)[:20]))
        for b in (0, 1, -2, 0.5, math.nan, math.inf, "2", True, 2j, (2,), 10**400)
    },
    "string": ("ab", HALF, {}, TypeError, "p .*'ab'"),
    "strings": (HALF, ["0.5", "0.5"], {}, TypeError, r"q .*'0\.5'"),
    "None": (None, HALF, {}, TypeError, "p .*None"),
    "None inside": (HALF, [0.5, None], {}, TypeError, "q .*None"),
    "complex": ([0.5j, 0.5], HALF, {}, TypeError, "p .*j"),
    "complex array": (HALF, torch.tensor([0.5j, 0.5]), {}, TypeError, "q .*complex64"),
    "dates": (np.array(["2020-01-01"], "M8[D]"), [1.0], {}, TypeError, "p .*datetime64"),
    "masked": (MASKED, [0.5, 0.25, 0.25], {}, ValueError, "p .*mask"),
    "mixed libraries": (np.array(HALF), torch.tensor(HALF), {}, TypeError, "ndarray.*Tensor"),
    "symbols and tensors": ([x, 1 - x], torch.tensor(HALF), {}, TypeError, "list.*Tensor"),
    "tensors in a list": (
        [torch.tensor(0.5, requires_grad=True)] * 2,
        HALF,
        {},
        (TypeError, ValueError),
        r"p .*tensor\(0\.5",
    ),
    "ragged": ([[0.5, 0.5], [1.0]], HALF, {}, ValueError, r"p .*\[\[0\.5, 0\.5\], \[1\.0\]\]"),
    "symbols: sum": ([x, 2 - x], [y, 1 - y], {}, ValueError, "p .*2"),
    "symbols: negative": ([y, 1 - y], [-x, 1 + x], {}, ValueError, "q .*-x"),
    "symbols: imaginary": ([sp.I, 1 - sp.I], HALF, {}, ValueError, "p .*I"),
    "symbols: NaN": ([sp.nan, x], HALF, {}, ValueError, "p .*nan"),
    "symbols: None": ([x, None], HALF, {}, TypeError, "p .*None"),
    "symbols: string": ([x, "abc"], HALF, {}, TypeError, "p .*abc"),
    "symbols: ragged": ([[x, 1 - x], [1]], HALF, {}, ValueError, "p .*x"),
    "symbols: zero": ([sp.Integer(0)] * 2, HALF, {"normalize": True}, ValueError, "p .*0"),
}


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(("p", "q", "options", "error", "message"), BAD.values(), ids=BAD.keys())
def test_bad_input_is_refused_with_what_was_passed(function, p, q, options, error, message):
    with pytest.raises(error, match=f"(?s){message}"):
        function(p, q, **options)


class Labels(list):
    def equals(self, other):
        return self == other


class Labelled:
    """What matters here of a Series or DataFrame of pandas."""

    def __init__(self, values, *axes):
        self.values, self.axes = np.array(values), [Labels(labels) for labels in axes]

    def __array__(self, dtype=None, copy=None):
        return self.values.astype(dtype or float)


@pytest.mark.parametrize("function", [*FUNCTIONS, kl_plug_in_counts])
def test_values_that_are_labelled_differently_are_not_paired(function):
    options = {} if function is kl_plug_in_counts else {"normalize": True}
    p, q, other = (Labelled([1, 2], labels) for labels in ("ab", "ab", "ba"))
    assert function(p, q, **options) == function(p, [1, 2], **options)
    with pytest.raises(ValueError, match=r"are labelled differently.*to_numpy"):
        function(p, other, **options)


def test_rows_and_columns_are_labelled_too():
    square = Labelled([HALF, QUARTER], "xy", "ab")
    assert kl_divergence(square, Labelled(HALF, "ab")).shape == (2,)
    assert kl_divergence(square, Labelled([HALF], "z", "ab")).shape == (2,)
    for other in (Labelled(HALF, "ba"), Labelled([HALF, HALF], "yx", "ab")):
        with pytest.raises(ValueError, match="labelled differently"):
            kl_divergence(square, other)


def test_labels_of_another_length_or_type():
    with pytest.raises(ValueError, match="labelled differently.*align"):
        kl_divergence(Labelled([1, 2], "ab"), Labelled([1, 2, 3], "abc"), normalize=True)
    integers, floats = Labelled(HALF, [1, 2]), Labelled(QUARTER, [1.0, 2.0])
    assert kl_divergence(integers, floats) == kl_divergence(HALF, QUARTER)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("options", [{"normalize": True}, {"form": "logits"}])
def test_a_single_entry_does_not_become_a_uniform_distribution(function, options):
    for p, q in (([5], [3, 1]), ([3, 1], [5]), (5, [3, 1])):
        with pytest.raises(ValueError, match="has 1 of 2 entries along axis -1"):
            function(p, q, **options)
    with pytest.raises(ValueError, match="has 1 of 2 entries along axis 0"):
        function([[1, 2], [3, 4]], [[1, 2]], axis=0, **options)
    with pytest.raises(ValueError, match="has 2 of 4 entries along all entries"):
        function([[1, 2], [3, 4]], [1, 2], axis=None, **options)
    assert function([[1, 2], [3, 4]], [1, 2], **options).shape == (2,)
    assert function([[1, 2], [3, 4]], [[1], [2]], axis=0, **options).shape == (2,)


@pytest.mark.parametrize(("n", "m"), [(8, 8), (8, 9)])
def test_who_passes_samples_is_told_where_they_belong(n, m):
    rng = np.random.default_rng(0)
    for draw in (rng.normal, rng.random):
        with pytest.raises(ValueError, match="^(p must|the shapes)") as error:
            kl_divergence(draw(size=n), draw(size=m))
        assert "see kldiv.estimators" in error.value.__notes__[0]


@pytest.mark.parametrize(
    "weights", [[0.5], [0.5, 0.6], [-0.5, 1.5], [math.nan, 1], (0.5, 0.25, 0.25), "ab", 0.5]
)
def test_bad_weights(weights):
    with pytest.raises(ValueError, match=re.escape(repr(weights))):
        js_divergence(HALF, HALF, weights=weights)


@pytest.mark.parametrize("form", ["probabilities", "log_probabilities"])
def test_single_precision_beside_double_is_held_to_its_own_tolerance(form):
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(500, 10)).astype(np.float32)
    single = torch.softmax(torch.from_numpy(logits), -1)
    double = torch.full((10,), 0.1, dtype=torch.float64)
    if form == "log_probabilities":
        single, double = single.log(), double.log()
    for p, q in ((single, double), (single.numpy(), double.numpy())):
        value = kl_divergence(p, q, form=form)
        assert value.shape == (500,) and str(value.dtype).endswith("float64")
        exact = kl_divergence(logits.astype(float), np.zeros(10), form="logits")
        assert np.allclose(np.asarray(value), exact, rtol=1e-5, atol=1e-6)
    wrong = np.array([0.5, 0.5 + 1e-6])
    with pytest.raises(ValueError, match="q must sum to 1"):  # double precision to its own
        kl_divergence(np.array([0.5, 0.5], np.float32), wrong)


def test_counts_are_no_form_and_the_error_says_what_they_are():
    with pytest.raises(ValueError, match="got 'counts' .*for counts or weights, pass normalize"):
        kl_divergence([5, 5], [3, 1], form="counts")
