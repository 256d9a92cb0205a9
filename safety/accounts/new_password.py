"""A new password: judged and hashed in the pool, where neither keeps decisions waiting."""

from collections.abc import Sequence
from dataclasses import dataclass

from safety.domain.accounts import Account
from safety.gates.hashing_pool import HashingPool
from safety.gates.password_policy import PasswordPolicy, Strength
from safety.gates.passwords import Hashed, Passwords


@dataclass(frozen=True, slots=True)
class NewPasswords:
    """Says whether a password is good enough, and makes the hash to keep."""

    passwords: Passwords
    policy: PasswordPolicy
    pool: HashingPool

    def judge(self, password: str, user_words: Sequence[str], *, has_second_factor: bool) -> None:
        """Raise `WeakPassword`, which says what to do, unless it is good enough."""
        self.pool.run(
            lambda: self.policy.check(
                password, user_words=user_words, has_second_factor=has_second_factor
            )
        )

    def judge_for(self, account: Account, password: str, *, has_second_factor: bool) -> None:
        """The same for somebody who has an account."""
        words = [account.username, account.email or ""]
        self.judge(password, words, has_second_factor=has_second_factor)

    def hash(self, password: str) -> Hashed:
        """The hash to keep."""
        return self.pool.run(lambda: self.passwords.hash(password))

    def strength(self, password: str, user_words: Sequence[str] = ()) -> Strength:
        """How hard a password is to guess, for a person who is choosing one."""
        return self.pool.run(lambda: self.policy.strength(password, user_words))
