"""A page that is open in a browser without a network."""

TWO_FRAMES = "new Promise(go => requestAnimationFrame(() => requestAnimationFrame(go)))"


class Visit:
    """A page that is open, what it asked other servers for, and what its console said."""

    def __init__(self, browser, **options):
        self.context = browser.new_context(**options)
        self.context.set_default_timeout(60_000)
        self.elsewhere, self.requests, self.complaints, self.answers = [], [], [], []
        self.context.route("**/*", self._route)
        self.page = self.context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("response", lambda answer: self.answers.append(answer))

    def _route(self, route):
        """The network is cut off: this machine answers, nobody else."""
        address = route.request.url
        self.requests.append(address)
        if address.startswith(("http://127.0.0.1", "file:", "data:", "blob:")):
            route.continue_()
        else:
            self.elsewhere.append(address)
            route.abort()

    def _hear(self, message):
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} ({message.location.get('url', '')})")

    def sizes(self):
        """The bytes of each answer so far, uncompressed."""
        return [len(answer.body()) for answer in self.answers if answer.ok]

    def theme(self, name):
        """Light or dark, as the button in the page's header sets it."""
        self.page.evaluate(
            "name => Object.assign(document.documentElement.dataset, {theme: name, mode: name})",
            name,
        )

    def mathematics(self):
        """Wait until the formulas are drawn."""
        self.page.wait_for_function(
            "!document.querySelector('.math') || window.MathJax?.startup?.promise !== undefined"
        )
        self.page.evaluate("window.MathJax?.startup?.promise")

    def walk_down(self):
        """Scroll to the end, so that whatever waits to be seen is loaded."""
        page = self.page
        height = page.evaluate("document.documentElement.scrollHeight")
        for top in range(0, height, 1500):
            page.evaluate(f"scrollTo({{top: {top}, behavior: 'instant'}})")
            # Two frames: the page has then been told what is in view.
            page.evaluate(TWO_FRAMES)
        page.wait_for_function(
            "[...document.querySelectorAll('.explorer')].every(one => one.dataset.state === 'live')"
        )
        page.evaluate("scrollTo({top: 0, behavior: 'instant'})")

    def live(self, name):
        """A live figure of the page, once it runs."""
        place = self.page.locator(f'.explorer[data-explorer="{name}"]').first
        place.evaluate(
            "one => one.parentElement.scrollIntoView({block: 'center', behavior: 'instant'})"
        )
        # Looks at every frame; waiting for a selector would look every half second.
        self.page.wait_for_function(
            "name => document.querySelector(`.explorer[data-explorer=${name}][data-state=live]`)",
            arg=name,
        )
        return place
