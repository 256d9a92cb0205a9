"""The rooms of the desk in which people steer rules: pages of rules, lists, undos and attacks."""

from fastapi import APIRouter

from safety.web.desk_attack import add_attack
from safety.web.desk_lists import add_lists
from safety.web.desk_rule_changes import add_rule_changes
from safety.web.desk_rule_edit import add_rule_edit
from safety.web.desk_rules import add_rules
from safety.web.desk_undo_rule import add_undo_rule
from safety.web.limits import Limits


def add_steering(router: APIRouter, limits: Limits) -> None:
    """Put them under the desk."""
    for add in (add_rules, add_rule_edit, add_rule_changes, add_undo_rule, add_lists, add_attack):
        add(router, limits)
