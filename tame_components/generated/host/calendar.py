"""A schedule of cron as systemd's timers write it."""

_DAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_ALL = "*"


def calendar(schedule: str) -> tuple[str, ...]:
    """The `OnCalendar=` values, one each, that together mean the five fields of *schedule*.

    Where days of the month and of the week are both given, and neither starts with `*`, cron takes
    either, and systemd only days that are both (crontab(5), systemd.time(7)): then there are two.
    """
    minute, hour, day, month, weekday = schedule.split()
    time = f"{_field(hour, 0)}:{_field(minute, 0)}:00"
    days = _weekdays(weekday)
    date = f"*-{_field(month, 1)}-{_field(day, 1)}"
    if not days:
        return (f"{date} {time}",)
    if day.startswith(_ALL) or weekday.startswith(_ALL):
        return (f"{days} {date} {time}",)
    return (f"{date} {time}", f"{days} *-{_field(month, 1)}-* {time}")


def _field(text: str, first: int) -> str:
    return ",".join(_part(part, first) for part in text.split(","))


def _part(part: str, first: int) -> str:
    span, _, step = part.partition("/")
    if span == _ALL:
        return f"{first}/{step}" if step else _ALL
    low, _, high = span.partition("-")
    numbers = f"{int(low)}..{int(high)}" if high else str(int(low))
    return f"{numbers}/{step}" if step else numbers


def _weekdays(text: str) -> str:
    """Names, for systemd has no numbers; empty where every day will do."""
    if text == _ALL:
        return ""
    numbers: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        low, _, high = ("0-6" if span == _ALL else span).partition("-")
        last = high or ("6" if step else low)
        numbers |= set(range(int(low), int(last) + 1, int(step or 1)))
    chosen = {_DAYS[number] for number in numbers}
    return ",".join(name for name in _DAYS[1:] if name in chosen)
