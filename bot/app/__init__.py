"""The composition root: the only place that builds adapters, and starts and stops what a command needs."""

from adapters.store.vault import new_key as new_key
from bot.app.house import House as House
from bot.app.house import mail_courier as mail_courier
from bot.app.house import make_tagger as make_tagger
from bot.app.house import open_database as open_database
from bot.app.house import open_house as open_house
from bot.app.house import read_file as read_file
from bot.app.house import read_once as read_once
from bot.app.packages import slack_manifest as slack_manifest
from bot.app.packages import teams_manifest as teams_manifest
from bot.app.packages import teams_package as teams_package
from bot.app.service import EVERYTHING as EVERYTHING
from bot.app.service import NEEDS_A_KEY as NEEDS_A_KEY
from bot.app.service import Part as Part
from bot.app.service import Service as Service
from bot.app.service import seed_cast as seed_cast
from bot.app.service import serve as serve
from bot.app.version import made_by as made_by
