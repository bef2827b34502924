"""Spans and times as people read them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, tzinfo

    from tokendeck.core.moment import Moment

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86400


class Spans:
    """Spans rounded down, as a guarantee must be, and negative ones taken as zero; times of day in the user's zone."""

    def __init__(self, translate: Callable[[str, str], str], local_zone: tzinfo | None) -> None:
        """Take the translation, and the zone of the user's clock; None means the system's."""
        self.translate = translate
        self._zone = local_zone

    def countdown(self, span: timedelta) -> str:
        """Give a span that is watched: `0:24`, `48:12`, `2 h 04 min`, `3 d 02 h`."""
        seconds = _whole_seconds(span)
        if seconds < HOUR_S:
            return f"{seconds // MINUTE_S}:{seconds % MINUTE_S:02}"
        if seconds < DAY_S:
            text = self.translate("Wording", "{hours} h {minutes} min")
            return text.format(hours=seconds // HOUR_S, minutes=f"{seconds % HOUR_S // MINUTE_S:02}")
        text = self.translate("Wording", "{days} d {hours} h")
        return text.format(days=seconds // DAY_S, hours=f"{seconds % DAY_S // HOUR_S:02}")

    def short(self, span: timedelta) -> str:
        """Give the largest unit: `45 s`, `59 min`, `2 h`, `41 d`; hours bring their minutes, `2 h 4 min`."""
        seconds = _whole_seconds(span)
        if seconds < MINUTE_S:
            return self.translate("Wording", "{seconds} s").format(seconds=seconds)
        if seconds < HOUR_S:
            return self.translate("Wording", "{minutes} min").format(minutes=seconds // MINUTE_S)
        if seconds >= DAY_S:
            return self.translate("Wording", "{days} d").format(days=seconds // DAY_S)
        hours, minutes = divmod(seconds // MINUTE_S, 60)
        if minutes == 0:
            return self.translate("Wording", "{hours} h").format(hours=hours)
        return self.translate("Wording", "{hours} h {minutes} min").format(hours=hours, minutes=minutes)

    def duration(self, span: timedelta) -> str:
        """Give a span in words: `90 seconds`, `48 minutes`, `1 hour 20 minutes`, `3 days 2 hours`."""
        seconds = _whole_seconds(span)
        if seconds < 2 * MINUTE_S and seconds != MINUTE_S:
            return self._seconds(seconds)
        minutes, hours, days = seconds // MINUTE_S % 60, seconds // HOUR_S % 24, seconds // DAY_S
        if days:
            return _joined(self._days(days), self._hours(hours) if hours else "")
        if hours:
            return _joined(self._hours(hours), self._minutes(minutes) if minutes else "")
        return self._minutes(minutes)

    def age(self, when: datetime, now: Moment) -> str:
        """Give how long ago `when` was by the wall clock: `3 min ago`, `41 d ago`."""
        return self.ago(now.wall - when)

    def ago(self, span: timedelta) -> str:
        """Give a span that lies behind: `3 min ago`; `just now` in the first seconds."""
        if span < timedelta(seconds=5):
            return self.translate("Wording", "just now")
        return self.translate("Wording", "{span} ago").format(span=self.short(span))

    def when(self, when: datetime, now: Moment) -> str:
        """Give a time on the clock of the wall: `today at 14:02:31`, `yesterday at …`, else `2026-11-20 at …`."""
        local, today = self._local(when), self._local(now.wall).date()
        time = f"{local:%H:%M:%S}"
        match (local.date() - today).days:
            case 0:
                return self.translate("Wording", "today at {time}").format(time=time)
            case -1:
                return self.translate("Wording", "yesterday at {time}").format(time=time)
            case 1:
                return self.translate("Wording", "tomorrow at {time}").format(time=time)
            case _:
                return self.translate("Wording", "{date} at {time}").format(date=local.date().isoformat(), time=time)

    def since(self, when: datetime, now: Moment) -> str:
        """Give a beginning as shortly as it can be told: `since 09:14` on the same day, else `since 2026-11-20`."""
        local, today = self._local(when), self._local(now.wall).date()
        start = f"{local:%H:%M}" if local.date() == today else local.date().isoformat()
        return self.translate("Wording", "since {start}").format(start=start)

    def latency(self, milliseconds: float) -> str:
        """Give the time that a call took: `182 ms`, from ten seconds on `12.4 s`."""
        if milliseconds < 10_000:
            return self.translate("Wording", "{number} ms").format(number=f"{milliseconds:.0f}")
        return self.translate("Wording", "{seconds} s").format(seconds=f"{milliseconds / 1000:.1f}")

    def _local(self, when: datetime) -> datetime:
        try:
            return when.astimezone(self._zone)
        except OverflowError:  # in the first or last hours of the calendar, as a claim may say
            return when

    def _seconds(self, count: int) -> str:
        if count == 1:
            return self.translate("Wording", "1 second")
        return self.translate("Wording", "{count} seconds").format(count=count)

    def _minutes(self, count: int) -> str:
        if count == 1:
            return self.translate("Wording", "1 minute")
        return self.translate("Wording", "{count} minutes").format(count=count)

    def _hours(self, count: int) -> str:
        if count == 1:
            return self.translate("Wording", "1 hour")
        return self.translate("Wording", "{count} hours").format(count=count)

    def _days(self, count: int) -> str:
        if count == 1:
            return self.translate("Wording", "1 day")
        return self.translate("Wording", "{count} days").format(count=count)


def _whole_seconds(span: timedelta) -> int:
    return max(int(span.total_seconds()), 0)


def _joined(larger: str, smaller: str) -> str:
    return f"{larger} {smaller}".rstrip()
