"""A transcript as a text, or as one subtitle that lasts from the beginning to the end."""


def subtitles(text: str, seconds: int, kind: str) -> bytes:
    """Write a transcript as text, srt or vtt."""
    if kind == "text":
        return f"{text}\n".encode()
    mark = "," if kind == "srt" else "."
    times = f"00:00:00{mark}000 --> {_clock(seconds)}{mark}000"
    head = "1\n" if kind == "srt" else "WEBVTT\n\n"
    return f"{head}{times}\n{text}\n\n".encode()


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
