"""The live figures, in a browser without a network: dragged, and their numbers compared."""

import functools
import json
import math

import numpy as np
import pytest
import torch
from scipy import integrate, stats

from kldiv import cross_entropy, entropy, explorers, js_divergence, kl_divergence
from kldiv.explorers import _data, _models
from kldiv.gaussian import kl_normal, kl_standard_normal
from kldiv.histograms import image_distribution
from kldiv.projection import closest_normal
from kldiv.replication.summary import results
from kldiv.scenes import beach

PAGES = {
    "two_points": "notebooks/01-distance-to-divergence.html",
    "time_of_day": "notebooks/02-image-histograms.html",
    "bars": "notebooks/03-entropy-cross-entropy-kl.html",
    "gaussian_kl": "notebooks/04-two-gaussians.html",
    "projection": "notebooks/05-asymmetry.html",
    "latent": "notebooks/07-variational-autoencoder.html",
    "beta": "notebooks/09-what-is-a-code-worth.html",
}
PICTURES = {
    "two_points": "fig-live-points",
    "time_of_day": "fig-live-hours",
    "bars": "fig-live-bars",
    "gaussian_kl": "fig-live-gaussian",
    "projection": "fig-live-apart",
    "latent": "fig-live-latent",
    "beta": "fig-live-beta",
}
SCREENS = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 375, "height": 812}}


@pytest.fixture(params=SCREENS)
def figure(visit, site, request):
    """Opens a live figure on its page: (visit, its element)."""

    def figure(name):
        options = {"viewport": SCREENS[request.param], "has_touch": request.param == "phone"}
        opened = visit(site + PAGES[name], **options)
        return opened, opened.live(name)

    return figure


def numbers(element):
    """The numbers that a figure shows, with all their digits."""
    values = element.locator("[data-number]").evaluate_all(
        "all => all.map(one => [one.dataset.number, one.dataset.value])"
    )
    return {name: json.loads(v.replace("Infinity", '"inf"')) for name, v in values}


def state(element):
    return element.evaluate("element => element.state")


def drag(opened, handle, right, down):
    """Drag with the pointer, in pixels."""
    handle.scroll_into_view_if_needed()
    box = handle.locator(".dot").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse = opened.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + right / 2, y + down / 2)
    mouse.move(x + right, y + down)
    mouse.up()
    opened.page.wait_for_timeout(50)


def handle(element, label):
    return element.get_by_role("slider", name=label, exact=True)


def slide(element, label, value):
    """Set a slider, as a reader who drags it does."""
    handle(element, label).evaluate(
        "(input, value) => { input.value = value; input.dispatchEvent(new Event('input')); }", value
    )


def near(value, expected):
    return math.isclose(float(value), expected, rel_tol=1e-6, abs_tol=1e-6)


def js_normal(p, q):
    """Jensen–Shannon of two normal distributions, by quadrature that knows nothing of the page."""

    def integrand(x):
        densities = np.array([stats.norm.pdf(x, *p), stats.norm.pdf(x, *q)])
        middle = densities.mean()
        return sum(d * np.log(d / middle) for d in densities if d > 0) / 2

    centre = [p[0], q[0]]
    return integrate.quad(integrand, -30, 30, points=centre, limit=500, epsabs=1e-10)[0]


# --- Each figure --------------------------------------------------------------------------------


def test_two_points(figure):
    opened, element = figure("two_points")
    drag(opened, handle(element, "Point A"), 40, 25)
    drag(opened, handle(element, "Top of the curve q"), 30, -40)
    now = state(element)
    assert now["a"] != [1, 4] and now["q"] != [1, 1]
    shown = numbers(element)
    assert near(shown["distance"], math.dist(now["a"], now["b"]))
    assert near(shown["means"], abs(now["p"][0] - now["q"][0]))
    assert near(shown["kl_pq"], kl_normal(*now["p"], *now["q"]))
    assert near(shown["kl_qp"], kl_normal(*now["q"], *now["p"]))


def test_gaussian_kl(figure):
    opened, element = figure("gaussian_kl")
    drag(opened, handle(element, "Mean of p").first, 35, 0)
    for std_p, std_q in ((0.3, 3.0), (3.0, 0.3), (1.0, 1.01)):
        slide(element, "standard deviation of p", std_p)
        slide(element, "standard deviation of q", std_q)
        now, shown = state(element), numbers(element)
        assert (now["p"][1], now["q"][1]) == (std_p, std_q) and now["p"][0] != 0
        assert near(shown["kl_pq"], kl_normal(*now["p"], *now["q"]))
        assert near(shown["kl_qp"], kl_normal(*now["q"], *now["p"]))
        assert near(shown["js"], js_normal(now["p"], now["q"]))
    element.get_by_label("bits").check()
    assert near(numbers(element)["kl_pq"], shown["kl_pq"] / math.log(2))
    assert "bits" in element.locator("[data-number=kl_pq]").inner_text()


def test_bars(figure):
    opened, element = figure("bars")
    drag(opened, handle(element, "p of rain"), 0, -50)
    drag(opened, handle(element, "q of sun"), 0, 500)  # below the floor
    now, shown = state(element), numbers(element)
    p, q = now["p"], now["q"]
    assert p[2] > 0.2 and math.isclose(q[0], 0.001)
    assert math.isclose(sum(p), 1) and math.isclose(sum(q), 1) and min(p + q) >= 0.001 - 1e-12
    assert near(shown["entropy"], entropy(p, base=2))
    assert near(shown["cross_entropy"], cross_entropy(p, q, base=2))
    assert near(shown["kl_pq"], kl_divergence(p, q, base=2))
    element.get_by_role("button", name="Make q equal to p").click()
    assert numbers(element)["kl_pq"] == 0
    element.get_by_role("button", name="Start again").click()
    assert near(numbers(element)["kl_pq"], 0.875)


def test_projection(figure):
    _, element = figure("projection")
    for separation, weight in ((0, 0.6), (1.5, 0.6), (2.3, 0.5), (5, 0.6), (8, 0.2), (3.1, 0.9)):
        slide(element, "distance of the peaks", separation)
        slide(element, "weight of the left peak", weight)
        shown = numbers(element)
        for direction in ("forward", "reverse"):
            found = closest_normal(
                (weight, 1 - weight), (-separation / 2, separation / 2), (0.8, 0.6),
                direction=direction,
            )  # fmt: skip
            assert near(shown[f"{direction}_kl"], found.kl), (direction, separation)
            assert near(shown[f"{direction}_mean"], found.mean), (direction, separation)
            assert near(shown[f"{direction}_std"], found.std), (direction, separation)


@functools.cache
def day(elevation):
    return beach(elevation, seed=_data.BEACH, size=_data.SIZE)


def test_time_of_day(figure):
    _, element = figure("time_of_day")
    for elevation, bins, words, pseudocount in (
        (2, 32, "½ a pixel", 0.5), (-18, 256, "10 pixels", 10), (-6, 4, "nothing", 0),
        (-18, 64, "nothing", 0), (80, 8, "½ a pixel", 0.5),
    ):  # fmt: skip
        slide(element, "elevation of the sun", _data.ELEVATIONS.index(elevation))
        slide(element, "number of bins", int(math.log2(bins)))
        element.get_by_label(words).check()
        p, q = (
            image_distribution(day(angle), bins=bins, pseudocount=pseudocount)
            for angle in (elevation, 80)
        )
        shown = numbers(element)
        assert near(shown["kl_pq"], kl_divergence(p, q)), (elevation, bins)
        assert near(shown["kl_qp"], kl_divergence(q, p)), (elevation, bins)


def test_latent(figure):
    opened, element = figure("latent")
    words = {"KL": "kl", "no penalty": "none", "Euclidean": "euclidean"}
    for label, name in words.items():
        element.get_by_label(label, exact=True).check()
        model = _models.load(name)
        element.get_by_role("button", name="Sneaker").click()
        drag(opened, handle(element, "Place in the latent plane"), 60, -45)
        now, shown = state(element), numbers(element)
        with torch.no_grad():
            decoded = model.decode(torch.tensor([now["z"]]))[0].numpy()
            mean, log_var = model.encode(torch.tensor([now["x"]]))
        assert (
            abs(np.array(element.evaluate("element => element.decoded()")) - decoded).max() < 1e-4
        )
        assert np.allclose(json.loads(str(shown["mean"])), mean[0].numpy(), rtol=1e-5, atol=1e-5)
        assert np.allclose(json.loads(str(shown["std"])), np.exp(log_var[0].numpy() / 2), rtol=1e-5)
        exact = [np.array(json.loads(str(shown[key]))) for key in ("mean", "std")]
        assert near(shown["kl"], kl_standard_normal(exact[0], 2 * np.log(exact[1])))
        assert near(shown["place"] + shown["width"], shown["kl"])


def test_painting(figure):
    opened, element = figure("latent")
    element.get_by_role("button", name="Blank paper").click()
    before = numbers(element)["mean"]
    paper = element.locator("canvas.paper")
    paper.scroll_into_view_if_needed()
    box = paper.bounding_box()
    mouse = opened.page.mouse
    mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.2 * box["height"])
    mouse.down()
    mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.8 * box["height"], steps=12)
    mouse.up()
    painted = np.array(state(element)["x"])
    assert 10 < np.count_nonzero(painted) < 200 and painted.max() == 1
    assert numbers(element)["mean"] != before


def test_beta(figure):
    _, element = figure("beta")
    runs = results()
    for place, beta in ((0, 0.01), (4, 1), (8, 100)):
        slide(element, "β, the weight of the KL term", place)
        shown = numbers(element)
        for name, column in {"rate": "kl", "distortion": "reconstruction", "nll": "nll"}.items():
            assert near(shown[name], runs.values(f"beta-{beta:g}", column).mean())


# --- All of them --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_the_keyboard_moves_every_handle(visit, site, name):
    opened = visit(site + PAGES[name], viewport=SCREENS["desktop"])
    element = opened.live(name)
    sliders = element.get_by_role("slider")
    for place in range(sliders.count()):
        one = sliders.nth(place)
        one.focus()
        before = one.get_attribute("aria-valuetext")
        opened.page.keyboard.press("ArrowLeft")
        opened.page.keyboard.press("ArrowLeft")
        moved = one.get_attribute("aria-valuetext")
        opened.page.keyboard.press("ArrowRight")
        assert moved != before or one.get_attribute("aria-valuetext") != before
    assert not opened.complaints and not opened.elsewhere


@pytest.mark.parametrize("name", PAGES)
def test_a_finger_drags_and_the_page_stays_narrow(visit, site, name):
    opened = visit(site + PAGES[name], viewport=SCREENS["phone"], has_touch=True, is_mobile=True)
    element = opened.live(name)
    opened.page.wait_for_timeout(300)
    width = opened.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 375
    outside = element.evaluate(
        "element => [...element.querySelectorAll('*')]"
        ".filter(one => !one.closest('.handle, .explorer-said'))"
        ".filter(one => one.getBoundingClientRect().right > innerWidth + 1)"
        ".map(one => one.tagName + '.' + one.getAttribute('class'))"
    )
    assert outside == []
    for one in element.locator(".handle").all():
        assert one.evaluate("one => getComputedStyle(one).touchAction") == "none"
        assert one.locator(".reach").bounding_box()["width"] >= 44


@pytest.mark.parametrize("name", PAGES)
def test_without_scripts_and_on_paper_there_is_a_picture(visit, site, name):
    still = visit(site + PAGES[name], java_script_enabled=False)
    picture = still.page.locator(f"#{PICTURES[name]} img")
    assert picture.is_visible() and len(picture.get_attribute("alt")) > 80
    assert not still.page.locator(f'.explorer[data-explorer="{name}"]').inner_text().strip()

    opened = visit(site + PAGES[name], viewport=SCREENS["desktop"])
    element = opened.live(name)
    picture = opened.page.locator(f"#{PICTURES[name]} img")
    assert element.is_visible() and not picture.is_visible()
    opened.page.emulate_media(media="print")
    assert picture.is_visible() and not element.is_visible()


def test_a_page_loads_what_its_figures_need_and_no_other(visit, site):
    opened = visit(site + "book/glossary.html")
    assert not [address for address in opened.requests if "explorers/" in address]
    opened = visit(site + PAGES["latent"], viewport=SCREENS["desktop"])
    assert not [address for address in opened.requests if "latent_models" in address]
    opened.live("latent")
    assert len([address for address in opened.requests if "latent_models" in address]) == 1


# --- What it is made of -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: explorers.gaussian_kl(p=(0, 0.1)), "p must be from 0.3 to 3; got 0.1"),
        (lambda: explorers.gaussian_kl(p=(0, 1, 2)), "p must be a pair of numbers"),
        (lambda: explorers.bars(p=(0.5, 0.5)), "p has 2 probabilities for 4 words"),
        (lambda: explorers.bars(p=(0, 0, 0, 1)), "p must be probabilities of at least 0.001"),
        (lambda: explorers.bars(words=["one"]), "2 to 8 words; got 1"),
        (lambda: explorers.projection(9), "separation must be from 0 to 8; got 9"),
        (lambda: explorers.projection(weights=(0.5, 0.4)), "weights must sum to 1"),
        (lambda: explorers.time_of_day(3), "elevation must be even"),
        (lambda: explorers.time_of_day(bins=10), "power of two from 2 to 256; got 10"),
        (lambda: explorers.latent("vae"), "model must be one of kl, none, euclidean; got 'vae'"),
        (lambda: explorers.latent(garment=10), "garment must be a class"),
        (lambda: explorers.beta(2), "beta must be one of"),
    ],
)
def test_options_out_of_range_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_on_the_page_a_figure_is_a_place_and_by_hand_it_brings_its_scripts(monkeypatch):
    figure = explorers.bars(picture=False)
    assert figure._repr_html_() == figure.place() and len(figure.place()) < 1000
    monkeypatch.setenv("JPY_SESSION_NAME", "notebook")
    html = figure._repr_html_()
    assert html.count("<script>") == 5 and "kldiv.explorers.bars = " in html
    assert "src=" not in html


def test_the_beaches_of_the_page_are_the_packages():
    data = json.loads(_data.beaches().split(" = ", 1)[1].rstrip(";\n"))
    assert data["elevations"][-1] == 80 and len(data["counts"]) == len(data["elevations"])
    here = image_distribution(day(80), bins=256) * day(80)[..., 0].size
    assert data["counts"][-1] == np.rint(here).astype(int).tolist()


def test_jensen_shannon_by_quadrature_is_the_packages():
    x = np.linspace(-20, 20, 40_001)
    on_grid = js_divergence(stats.norm.pdf(x, 0, 1), stats.norm.pdf(x, 1, 1.5), normalize=True)
    assert math.isclose(js_normal((0, 1), (1, 1.5)), on_grid, rel_tol=1e-6)
