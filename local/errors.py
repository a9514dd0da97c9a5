"""What can keep the local stack from running, each message naming the fix."""


class StackError(Exception):
    """The local stack cannot start, or cannot go on; the message is for the person at the terminal."""
