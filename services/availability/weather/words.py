"""The weather's words in French and English, and instants and durations as a person reads them."""

from datetime import datetime, timedelta

from chassis.languages import Language
from contracts.booklet.hours import calendar
from services.availability.model.weather import Phase, Status
from services.availability.weather.state import InterruptionShown, MaintenanceShown, WeatherShown

MINUTE, HOUR, DAY = 60, 3_600, 86_400
COLON: dict[Language, str] = {"fr": "\u00a0:", "en": ":"}
"""French sets a space before it, at which no line breaks."""

_DAYS: dict[Language, tuple[str, ...]] = {
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS: dict[Language, tuple[str, ...]] = {
    "fr": (
        "janvier", "février", "mars", "avril", "mai", "juin",
        "juillet", "août", "septembre", "octobre", "novembre", "décembre",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
}  # fmt: skip
STATUSES: dict[Language, dict[Status, str]] = {
    "fr": {
        Status.operational: "en service",
        Status.maintenance: "en maintenance",
        Status.interrupted: "interrompu",
    },
    "en": {
        Status.operational: "operational",
        Status.maintenance: "under maintenance",
        Status.interrupted: "interrupted",
    },
}
PHASES: dict[Language, dict[Phase, str]] = {
    "fr": {
        Phase.planned: "planifiée",
        Phase.late: "annoncée, pas encore commencée",
        Phase.going_on: "en cours",
        Phase.ended: "terminée",
        Phase.cancelled: "annulée",
        Phase.lapsed: "n’a pas eu lieu",
    },
    "en": {
        Phase.planned: "planned",
        Phase.late: "announced, not begun yet",
        Phase.going_on: "going on",
        Phase.ended: "ended",
        Phase.cancelled: "cancelled",
        Phase.lapsed: "did not take place",
    },
}
KINDS: dict[Language, dict[str, str]] = {
    "fr": {"planned": "Maintenance planifiée", "urgent": "Maintenance urgente"},
    "en": {"planned": "Planned maintenance", "urgent": "Urgent maintenance"},
}
LABELS: dict[Language, dict[str, str]] = {
    "fr": {
        "title": "Météo des services",
        "portal": "Portail",
        "service": "Service",
        "status": "État",
        "services": "Services",
        "interruptions": "Interruptions en cours",
        "maintenance": "Maintenances en cours",
        "planned": "Maintenances planifiées",
        "past": "Les trente derniers jours",
        "none": "Aucune.",
        "interruption": "Interruption",
        "announced": "Annoncée le",
        "overran": "Dépasse la fin annoncée de",
        "since": "depuis le",
        "to": "à",
        "going_on": "en cours",
        "blocking": "Le portail est inaccessible pendant ce temps.",
        "open": "Le portail reste accessible pendant ce temps.",
        "calendar": "Calendrier des maintenances",
        "feed": "Fil d’actualité",
        "data": "Données",
        "enter": "Accéder au portail",
        "other": "In English",
        "as_of": "État au",
        "rhythm": "Un état plus ancien que trois fois l’intervalle habituel signifie que les mises à jour"
        " sont arrêtées.",
        "stopped": "Les mises à jour sont arrêtées depuis",
        "last_known": "L’état actuel est inconnu\u00a0; voici le dernier état connu.",
        "unknown": "état actuel inconnu\u00a0; dernier état connu\u00a0:",
    },
    "en": {
        "title": "Weather of the services",
        "portal": "Portal",
        "service": "Service",
        "status": "Status",
        "services": "Services",
        "interruptions": "Interruptions going on",
        "maintenance": "Maintenance going on",
        "planned": "Planned maintenance",
        "past": "The last thirty days",
        "none": "None.",
        "interruption": "Interruption",
        "announced": "Announced on",
        "overran": "Past its announced end by",
        "since": "since",
        "to": "to",
        "going_on": "going on",
        "blocking": "The portal cannot be used meanwhile.",
        "open": "The portal can be used meanwhile.",
        "calendar": "Calendar of maintenance",
        "feed": "Feed",
        "data": "Data",
        "enter": "Go to the portal",
        "other": "En français",
        "as_of": "As of",
        "rhythm": "A state older than three times the usual interval means that updates have stopped.",
        "stopped": "Updates stopped",
        "last_known": "The present state is not known; this is the last one that is.",
        "unknown": "present state not known; last known to be",
    },
}


def instant(at: datetime, language: Language) -> str:
    """To the minute, in the booklet's time zone: `mardi 5 mai 2026 à 22 h 00`."""
    local = at.astimezone(calendar("planned_maintenance").zone)
    weekday, month = _DAYS[language][local.weekday()], _MONTHS[language][local.month - 1]
    if language == "en":
        return f"{weekday} {local.day} {month} {local.year}, {local:%H:%M}"
    day = "1er" if local.day == 1 else local.day
    return f"{weekday} {day} {month} {local.year} à {local.hour}\u00a0h\u00a0{local:%M}"


def duration(length: timedelta, language: Language) -> str:
    """In the largest unit that it fills: `12 minutes`, `3 heures`."""
    seconds = int(length.total_seconds())
    for size, french, english in (
        (DAY, "jour", "day"),
        (HOUR, "heure", "hour"),
        (MINUTE, "minute", "minute"),
    ):
        if seconds >= size:
            return _counted(seconds // size, french if language == "fr" else english)
    return _counted(seconds, "seconde" if language == "fr" else "second")


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number < 2 else f"{number} {unit}s"


def maintenance_title(shown: MaintenanceShown, language: Language) -> str:
    """`Planned maintenance: new version of the database`."""
    return f"{KINDS[language].get(shown.kind, shown.kind)}{COLON[language]} {shown.title}"


def usable(shown: MaintenanceShown, language: Language) -> str:
    """Whether the portal can be used meanwhile; nothing once it is over."""
    if shown.phase not in (Phase.planned, Phase.late, Phase.going_on):
        return ""
    return LABELS[language]["blocking" if shown.blocking else "open"]


def interruption_title(shown: InterruptionShown, weather: WeatherShown, language: Language) -> str:
    """Which service, and what a person wrote of it if one did."""
    names = {each.code: each.name for each in weather.services}
    code = shown.offering_code
    what = LABELS[language]["portal"] if code is None else names.get(code, code)
    title = f"{LABELS[language]['interruption']} ({what})"
    return f"{title}{COLON[language]} {shown.title}" if shown.title else title
