"""Progress bar on the standard error, with the estimated time left."""

import sys
import time

WIDTH = 30


class Progress:
    """Progress over ``total`` images. ``is_shown`` is by default whether the standard error is a terminal."""

    def __init__(self, total, is_shown=None):
        self.total = max(total, 1)
        self.done = 0
        self.is_shown = sys.stderr.isatty() if is_shown is None else is_shown
        self.start = time.monotonic()
        self.last_drawn = 0.0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.is_shown and self.done:
            sys.stderr.write("\n")
            sys.stderr.flush()

    def step(self, n):
        """Count ``n`` more images as done."""
        self.done += n
        now = time.monotonic()
        if self.is_shown and (now - self.last_drawn > 0.1 or self.done >= self.total):
            self.last_drawn = now
            full = WIDTH * self.done // self.total
            elapsed = now - self.start
            left = elapsed / self.done * (self.total - self.done)
            bar = "#" * full + "." * (WIDTH - full)
            sys.stderr.write(f"\r{bar} {self.done}/{self.total} images, {left:.0f} s left ")
            sys.stderr.flush()
