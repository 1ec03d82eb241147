"""The proof, line by line: every line checks, and a line that is wrong does not."""

import dataclasses
import math

import pytest
import sympy as sp

from kldiv import derivation
from kldiv.derivation import mu_1, mu_2, sigma_1, sigma_2, x
from kldiv.gaussian import kl_normal

STEPS = derivation.steps()
NUMBERS = {mu_1: 0.3, mu_2: -0.8, sigma_1: 1.3, sigma_2: 0.9}

each_step = pytest.mark.parametrize("step", STEPS, ids=[step.title for step in STEPS])


@each_step
def test_a_step_checks(step):
    assert step.check() is True


SWAP = {sigma_1: sigma_2, sigma_2: sigma_1, mu_1: mu_2, mu_2: mu_1}
MUTATIONS = {
    "shifted": lambda right: right + sp.Rational(1, 1000),
    "negated": lambda right: -right,
    "doubled": lambda right: 2 * right,
    "std taken for a variance": lambda right: right.subs(
        {sigma_1: sp.sqrt(sigma_1), sigma_2: sp.sqrt(sigma_2)}
    ),
    "p and q swapped": lambda right: right.xreplace(SWAP),
}


@each_step
@pytest.mark.parametrize("mutate", MUTATIONS.values(), ids=MUTATIONS)
def test_a_wrong_right_side_fails(step, mutate):
    wrong = mutate(step.right)
    assert dataclasses.replace(step, right=wrong).check() is (wrong == step.right)


def test_a_wrong_computation_fails():
    step = STEPS[3]
    assert not dataclasses.replace(step, evaluate=lambda: step.evaluate() + mu_2).check()


def test_the_steps_cover_the_report_in_order():
    claims = [step.claim for step in STEPS if step.claim]
    assert sorted(set(claims)) == ["R16", "R17", "R18", "R19", "R20"]
    assert claims == sorted(claims)
    assert claims.count("R16") == 2 and claims.count("R17") == 3
    assert len({step.title for step in STEPS}) == len(STEPS)


def by_quadrature(displayed):
    """The left side as it is displayed, with numbers for the symbols and sums for integrals."""
    densities = {sp.Function("p")(x): derivation.p, sp.Function("q")(x): derivation.q}
    expression = displayed.subs(densities)
    expression = expression.replace(sp.Function("kl_normal"), lambda *a: kl_normal(*a))
    expression = expression.subs(sp.Symbol("d"), sp.log(sigma_1 / sigma_2)).subs(NUMBERS)
    return float(expression.subs(x, 0.37).evalf(15, maxn=200))


@each_step
def test_what_is_displayed_is_what_was_checked(step):
    right = float(step.right.subs(NUMBERS).subs(x, 0.37))
    assert by_quadrature(step.left) == pytest.approx(right, rel=1e-9)


@each_step
def test_a_step_is_shown_as_mathematics(step):
    text = step._repr_latex_()
    assert text.startswith("$") and text.endswith("$")
    assert text.count("{") == text.count("}")
    assert sp.latex(step.left) in text and sp.latex(step.right) in text and " = " in text
    assert step.equation == sp.Eq(step.left, step.right, evaluate=False)


def test_the_result_is_the_code_that_the_book_runs():
    result = next(step.right for step in STEPS if step.claim == "R20")
    code = kl_normal(mu_1, sigma_1, mu_2, sigma_2)
    assert sp.simplify(sp.expand_log(code - result, force=True)) == 0
    number = kl_normal(0.3, 1.3, -0.8, 0.9)
    assert float(result.subs(NUMBERS)) == pytest.approx(number, rel=1e-13)


def test_expectation_integrates_over_p():
    assert derivation.expectation(sp.Integer(1)) == 1
    assert sp.expand(derivation.expectation((x - mu_1) ** 4)) == 3 * sigma_1**4
    assert derivation.expectation(mu_2 * x) == mu_1 * mu_2
    density = derivation.normal_pdf(sp.Float(0.5), 0, 1)
    assert float(density) == pytest.approx(math.exp(-0.125) / math.sqrt(2 * math.pi))
