"""Random values that come out the same on every Python version.

Only random.Random.random() is used: its sequence for a seed is the one thing the standard library
promises not to change.
"""

import random


class Draw:
    """A seeded source of choices."""

    def __init__(self, *seed):
        self._random = random.Random("/".join(str(s) for s in seed))

    def below(self, n):
        """An int in [0, n)."""
        return int(self._random.random() * n)

    def between(self, low, high):
        """An int in [low, high]."""
        return low + self.below(high - low + 1)

    def one(self, items):
        return items[self.below(len(items))]

    def some(self, items, low, high):
        """A list of low to high items, drawn with repetition."""
        return [self.one(items) for _ in range(self.between(low, high))]

    def often(self, probability):
        """True with the given probability."""
        return self._random.random() < probability

    def weighted(self, pairs):
        """One value of [(weight, value), …]."""
        at = self._random.random() * sum(w for w, _ in pairs)
        for weight, value in pairs:
            at -= weight
            if at < 0:
                return value
        return pairs[-1][1]

    def shuffled(self, items):
        out = list(items)
        for i in range(len(out) - 1, 0, -1):
            j = self.below(i + 1)
            out[i], out[j] = out[j], out[i]
        return out
