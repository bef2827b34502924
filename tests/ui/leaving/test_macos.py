"""macOS' announcements, made by hand: that macOS makes them can only be seen on macOS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from shiboken6 import delete

from tokendeck.ui.leaving.macos import ANNOUNCED, AT_ONCE, SIGNATURES, MacSession

if TYPE_CHECKING:
    from PySide6.QtCore import QObject

    from tests.ui.leaving.conftest import Leavings

pytestmark = pytest.mark.promise(47)
CENTER = 7


class Foundation:
    """What is used of CoreFoundation; strings are their own references."""

    def __init__(self) -> None:
        self.observed: dict[str, Any] = {}
        self.behaviours: set[int] = set()
        self.ended: list[tuple[int, int | None]] = []
        self.observer: int | None = None
        for name in SIGNATURES:
            setattr(self, name, self._function(name))

    def announce(self, name: str) -> None:
        self.observed[name](CENTER, None, None, None, None)

    def _function(self, name: str) -> Any:  # noqa: ANN401 - any C function
        def function(*words: Any) -> Any:  # noqa: ANN401 - as above
            return getattr(self, f"_{name}")(*words)

        return function

    def _CFNotificationCenterGetDistributedCenter(self) -> int:  # noqa: N802 - Apple's name
        return CENTER

    def _CFStringCreateWithCString(self, _allocator: None, text: bytes, _encoding: int) -> str:  # noqa: N802 - as above
        return text.decode()

    def _CFNotificationCenterAddObserver(  # noqa: N802 - as above
        self,
        center: int,
        observer: Any,  # noqa: ANN401 - as above
        heard: Any,  # noqa: ANN401 - as above
        name: str,
        _sender: None,
        behaviour: int,
    ) -> None:
        assert center == CENTER
        self.observed[name] = heard
        self.behaviours.add(behaviour)
        self.observer = observer.value

    def _CFNotificationCenterRemoveEveryObserver(self, center: int, observer: Any) -> None:  # noqa: ANN401, N802 - as above
        self.ended.append((center, observer.value))


@pytest.mark.parametrize("name", ANNOUNCED)
def test_simulated_macos_announcements_of_leaving_are_heeded(owner: QObject, leavings: Leavings, name: str) -> None:
    foundation = Foundation()
    MacSession(owner, foundation).left.connect(leavings.note)

    foundation.announce(name)

    assert leavings.count == 1
    assert foundation.behaviours == {AT_ONCE}


def test_simulated_macos_is_listened_to_no_more_once_the_session_ends(owner: QObject) -> None:
    foundation = Foundation()
    session = MacSession(owner, foundation)

    delete(session)

    assert foundation.ended == [(CENTER, foundation.observer)]
