"""The answers' text."""

_STORY = (
    "a bridge keeper counts every cart that crosses at dawn and writes the coins into one naïve old ledger "
    "while rivers carry barley south past mills where nobody asks what it weighs"
)
_WORDS = _STORY.split()  # 32 of them


def tokens(seed: int, count: int) -> list[str]:
    """Give `count` pieces of text that the seed decides; joined, they are the answer."""
    stride = seed % len(_WORDS) | 1  # odd, so that it visits every word before it repeats one
    start = seed // len(_WORDS)
    words = [_WORDS[(start + place * stride) % len(_WORDS)] for place in range(count)]
    return words[:1] + [f" {word}" for word in words[1:]]
