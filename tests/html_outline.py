"""The skeleton of a piece of HTML, for the tests."""

from html.parser import HTMLParser


class Outline(HTMLParser):
    """Every tag is closed in order; collects the text of each tag by its name."""

    def __init__(self, html):
        super().__init__()
        self.open, self.text = [], {}
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.setdefault(self.open[-1], []).append(data)
