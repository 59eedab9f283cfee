"""Every setting, read from the environment; the README lists them.

A secret has no default. What the newspaper's data protection officer must confirm (marked ⚖ in the law page) is a
setting.
"""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from environs import Env

from site_config.logging import configured

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env()
env.read_env(env.path("DSR_ENV_FILE", BASE_DIR / ".env"), recurse=False, override=False)

DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["127.0.0.1", "localhost"])
DSR_DATA_DIR = env.path("DSR_DATA_DIR", BASE_DIR / "var")

# What the service is about

DSR_SOURCES = env.list(
    "DSR_SOURCES",
    [
        "dsr.readers.sources.ModerationNotes",
        "dsr.readers.sources.Reports",
        "dsr.readers.sources.Bans",
        "dsr.readers.sources.Comments",
        "dsr.readers.sources.ArticlesRead",
        "dsr.readers.sources.NewsletterSubscriptions",
        "dsr.readers.sources.Consents",
        "dsr.readers.sources.SupportMessages",
        "dsr.readers.sources.Invoices",
        "dsr.readers.sources.Subscriptions",
        "dsr.sources.past_requests.PastRequests",
        "dsr.sources.statements.Statements",
        "dsr.readers.sources.Accounts",
    ],
)
DSR_EXEMPT_TABLES: dict[str, str] = {}  # "app.Model", "app" or "database:table": why no source claims it
DSR_SERVICE_KEY = env.str("DSR_SERVICE_KEY")
DSR_SUPPRESSION_KEY = env.str("DSR_SUPPRESSION_KEY")
DSR_NEWSPAPER_NAME = env.str("DSR_NEWSPAPER_NAME", "Le Journal d’exemple")
DSR_SITE_URL = env.str("DSR_SITE_URL", "http://127.0.0.1:8000").rstrip("/")
DSR_DPO_EMAIL = env.str("DSR_DPO_EMAIL", "dpo@example.org")
DSR_POSTAL_ADDRESS = env.str(
    "DSR_POSTAL_ADDRESS", "Délégué à la protection des données, 1 rue de l’Exemple, 75000 Paris"
)
DSR_PUBLISHED_CONTACTS: list[str] = env.list("DSR_PUBLISHED_CONTACTS", [])  # addresses, « @domains », telephones
DSR_READ_BEFORE_RELEASE = env.str("DSR_READ_BEFORE_RELEASE", "always")
DSR_HOLIDAY_SUBDIVISION = env.str("DSR_HOLIDAY_SUBDIVISION", "") or None
DSR_FINANCIAL_YEAR_END = env.str("DSR_FINANCIAL_YEAR_END", "12-31")
DSR_PACKAGE_DAYS = env.int("DSR_PACKAGE_DAYS", 30)
DSR_DOWNLOAD_MINUTES = env.int("DSR_DOWNLOAD_MINUTES", 15)
DSR_DOWNLOADS_AT_ONCE = env.int("DSR_DOWNLOADS_AT_ONCE", 2)
DSR_REMINDER_DAYS = env.list("DSR_REMINDER_DAYS", [7, 14], subcast=int)
DSR_CONFIRMATION_LETTERS_A_DAY = env.int("DSR_CONFIRMATION_LETTERS_A_DAY", 5)
DSR_CONTRACT_CHOICE_DAYS = env.int("DSR_CONTRACT_CHOICE_DAYS", 7)
DSR_RECIPIENT_REPLY_DAYS = env.int("DSR_RECIPIENT_REPLY_DAYS", 30)
DSR_REQUEST_RETENTION_YEARS = env.int("DSR_REQUEST_RETENTION_YEARS", 5)
DSR_UNCONFIRMED_RETENTION_DAYS = env.int("DSR_UNCONFIRMED_RETENTION_DAYS", 90)
DSR_OPPOSITION_YEARS = env.int("DSR_OPPOSITION_YEARS", 3)
DSR_HOSTING_GROUNDS = env.str("DSR_HOSTING_GROUNDS", "")
DSR_UPLOAD_MAX_BYTES = env.int("DSR_UPLOAD_MAX_BYTES", 10 * 1024 * 1024)
DSR_PROOF_MAX_BYTES = env.int("DSR_PROOF_MAX_BYTES", 5 * 1024 * 1024)
DSR_ADDRESS_CHANGE_HOURS = env.int("DSR_ADDRESS_CHANGE_HOURS", 72)
DSR_LEASE_SECONDS = env.int("DSR_LEASE_SECONDS", 120)
DSR_MAX_ATTEMPTS = env.int("DSR_MAX_ATTEMPTS", 5)
DSR_SWEEP_SECONDS = env.int("DSR_SWEEP_SECONDS", 60)
DSR_CHUNK_ROWS = env.int("DSR_CHUNK_ROWS", 20_000)
DSR_WEB_RATES = {
    "intake": env.str("DSR_INTAKE_RATE", "30/hour"),
    "code": env.str("DSR_CODE_RATE", "60/hour"),
    "reference": env.str("DSR_REFERENCE_RATE", "20/hour"),
    "suppressed": env.str("DSR_SUPPRESSED_RATE", "600/hour"),
}
DSR_LOG_KEY = env.str("DSR_LOG_KEY")
DSR_LOG_ORIGIN = env.str("DSR_LOG_ORIGIN", f"{urlsplit(DSR_SITE_URL).hostname}/audit")
DSR_LOG_PAST_KEYS: list[str] = env.list("DSR_LOG_PAST_KEYS", [])
DSR_CHECKPOINT_DIR = env.path("DSR_CHECKPOINT_DIR", DSR_DATA_DIR / "checkpoints")
DSR_LEDGER_DIR = env.path("DSR_LEDGER_DIR", DSR_DATA_DIR / "ledger")
DSR_BACKUP_DAYS = env.int("DSR_BACKUP_DAYS", 30)
DSR_REVIEW_MONTHS = env.int("DSR_REVIEW_MONTHS", 1)
DSR_REVIEW_DAYS = env.int("DSR_REVIEW_DAYS", 14)
DSR_PROXIES = env.int("DSR_PROXIES", 0)
DSR_METRICS_TOKEN = env.str("DSR_METRICS_TOKEN", "")

# Django

INSTALLED_APPS = [
    "dsr",
    "dsr.readers",
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "knox",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_prometheus",
    "django_structlog",
    "health_check",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "dsr.admin.content_policy.DeskPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "dsr.admin.sign_in.SecondFactorMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "site_config.urls"
WSGI_APPLICATION = "site_config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "dsr.web.context.site",
            ],
        },
    },
]

DSR_OWNER_DATABASE_URL = env.str("DSR_OWNER_DATABASE_URL", "")  # who migrates; the service owns no table of the log
DATABASES = {
    "default": env.dj_db_url(
        "DATABASE_URL",
        f"sqlite:///{DSR_DATA_DIR}/newspaper.sqlite3",
        conn_max_age=60,  # seconds that a thread or a worker keeps its connection open
        conn_health_checks=True,
        disable_server_side_cursors=env.bool("DATABASE_POOLED", False),
    )
}
for database in DATABASES.values():
    database["ATOMIC_REQUESTS"] = False
    if database["ENGINE"].endswith("sqlite3"):
        database["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "cached_statements": 512,  # a request has more of them than the 128 that are kept otherwise
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON;",
        }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "dsr" / "locale"]
TIME_ZONE = "Europe/Paris"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = DSR_DATA_DIR / "static"
MEDIA_ROOT = DSR_DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "packages": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DSR_DATA_DIR / "packages", "base_url": None},
    },
    "checkpoints": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DSR_CHECKPOINT_DIR, "base_url": None},
    },
    "ledger": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DSR_LEDGER_DIR, "base_url": None},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if DSR_PACKAGES_BUCKET := env.str("DSR_PACKAGES_BUCKET", ""):
    STORAGES["packages"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {"bucket_name": DSR_PACKAGES_BUCKET, "file_overwrite": False, "max_memory_size": 8 * 1024 * 1024},
    }
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = DSR_UPLOAD_MAX_BYTES + 64 * 1024  # a longer body, its form counted, has no file at all
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# Mail

EMAIL_CONFIG = env.dj_email_url("EMAIL_URL", "consolemail://" if DEBUG else "smtp://127.0.0.1:25")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", DSR_DPO_EMAIL)

# Staff sign-in

AUTH_USER_MODEL = "dsr.Staff"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "dsr.admin.sign_in.StaffAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SESSION_REMEMBER = False
ALLAUTH_TRUSTED_PROXY_COUNT = DSR_PROXIES
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key", "reset_password": "5/m/ip,2/h/key"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # anybody can ask: strangers would be written to
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
MFA_ADAPTER = "dsr.admin.sign_in.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = DSR_NEWSPAPER_NAME
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = reverse_lazy("admin:index")
SESSION_COOKIE_AGE = 8 * 60 * 60
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# The API

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_METADATA_CLASS": None,
    "URL_FORMAT_OVERRIDE": None,
    "EXCEPTION_HANDLER": "dsr.api.problems.handler",
    "DEFAULT_THROTTLE_RATES": DSR_WEB_RATES,
    "NUM_PROXIES": DSR_PROXIES,
}
REST_KNOX = {"TOKEN_TTL": timedelta(days=30), "AUTO_REFRESH": False}
SPECTACULAR_SETTINGS = {
    "TITLE": _("Droits sur les données personnelles"),
    "DESCRIPTION": _(
        "Les lecteurs demandent, suivent et retirent ; l’équipe décide. "
        "Toute erreur est un document « application/problem+json » (RFC 9457), dans la langue d’Accept-Language."
    ),
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "persistAuthorization": False, "validatorUrl": None},
    "ENUM_NAME_OVERRIDES": {
        "Kind": "dsr.states.Kind",
        "State": "dsr.states.State",
        "Owner": "dsr.states.Owner",
        "Channel": "dsr.models.request.Channel",
        "PassageFate": "dsr.models.passage.CHOICES",
        "Language": "django.conf.settings.LANGUAGES",
        "CorrectionDecision": "dsr.models.correction.Decision",
        "Untold": "dsr.models.recipient.Untold",
    },
}

# Celery: the database is the queue, Redis carries hints

REDIS_URL = env.str("REDIS_URL", "redis://127.0.0.1:6379/0")
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_DEFAULT_QUEUE = "steps"
CELERY_TASK_ROUTES = {name: {"queue": "mail"} for name in ("dsr.send_notice", "dsr.sequence", "dsr.publish")}
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE = {
    "sweep": {
        "task": "dsr.sweep",
        "schedule": timedelta(seconds=DSR_SWEEP_SECONDS),
        "options": {"expires": DSR_SWEEP_SECONDS},
    },
    "sequence": {"task": "dsr.sequence", "schedule": timedelta(seconds=5), "options": {"expires": 5}},
    "publish": {"task": "dsr.publish", "schedule": timedelta(minutes=10), "options": {"expires": 590}},
    "oversee": {"task": "dsr.oversee", "schedule": timedelta(hours=1), "options": {"expires": 3500}},
    "verify": {"task": "dsr.verify", "schedule": timedelta(days=1), "options": {"expires": 80_000}},
    "chase": {"task": "dsr.chase", "schedule": timedelta(hours=1), "options": {"expires": 3500}},
    "expire": {"task": "dsr.expire", "schedule": timedelta(hours=1), "options": {"expires": 3500}},
    "compare": {"task": "dsr.compare", "schedule": timedelta(days=1), "options": {"expires": 80_000}},
    "purge": {"task": "dsr.purge", "schedule": timedelta(days=1), "options": {"expires": 80_000}},
    "forget": {"task": "dsr.forget", "schedule": timedelta(days=1), "options": {"expires": 80_000}},
}

# Safety

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}
DSR_ADMIN_CSP = {"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}  # what the desk's theme needs
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
CSRF_FAILURE_VIEW = "dsr.web.views.errors.expired_form"
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", not DEBUG)
SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$", "^metrics$"]  # a balancer asks in clear, on the inner side
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 0 if DEBUG else 31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", True)
SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", True)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.bool("SECURE_COOKIES", not DEBUG)
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
if env.bool("BEHIND_TLS_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Logs

LOGGING = configured()
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_USER_ID_FIELD = "reference"

# Desk

DESK_BLUE = {
    "50": "oklch(97% .014 254.6)",
    "100": "oklch(93.2% .032 255.6)",
    "200": "oklch(88.2% .059 254.1)",
    "300": "oklch(80.9% .105 251.8)",
    "400": "oklch(70.7% .165 254.6)",
    "500": "oklch(58% .19 258)",
    "600": "oklch(50% .18 260)",
    "700": "oklch(44% .17 261)",
    "800": "oklch(39% .14 262)",
    "900": "oklch(34% .11 263)",
    "950": "oklch(26% .08 265)",
}
UNFOLD = {
    "SITE_TITLE": _("Droits des lecteurs"),
    "SITE_HEADER": DSR_NEWSPAPER_NAME,
    "SITE_SUBHEADER": _("Droits des lecteurs"),
    "SITE_SYMBOL": "verified_user",
    "SITE_FAVICONS": [{"rel": "icon", "href": "data:,"}],
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_HISTORY": False,
    "BORDER_RADIUS": "6px",
    "DASHBOARD_CALLBACK": "dsr.admin.dashboard.counts",
    "STYLES": ["dsr.admin.dashboard.stylesheet"],
    "SCRIPTS": ["dsr.admin.dashboard.script"],
    "SIDEBAR": {"navigation": "dsr.admin.dashboard.navigation"},
    "ACCOUNT": {"navigation": "dsr.admin.dashboard.account"},
    "COLORS": {"primary": DESK_BLUE},
}
