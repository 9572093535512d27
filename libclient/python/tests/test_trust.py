from __future__ import annotations

import os
import socket
import unittest

from scripted import DaemonTest
from reeve import DaemonUnavailable, DaemonUntrusted
from reeve import _trust

ME = os.geteuid()
OTHER, THIRD = 12345, 12346
as_root = unittest.skipUnless(ME == 0, "needs root, to give directories away")


class PlaceTest(DaemonTest):
    """W8, first half: who can have put a socket there?"""

    def make(self, *parts, owner=None, mode=0o755):
        name = os.path.join(self.directory, *parts)
        os.mkdir(name)
        os.chmod(name, mode)
        if owner is not None:
            os.chown(name, owner, -1)
        return name

    def place(self, directory, me=ME, configured=None):
        return _trust.check_place(os.path.join(directory, "agent.sock"), me, configured)

    def refused(self, directory, me=ME, configured=None):
        with self.assertRaises(DaemonUntrusted) as caught:
            self.place(directory, me, configured)
        self.assertIn(self.directory, str(caught.exception))

    def test_a_directory_of_ones_own_will_do(self):
        place = self.place(self.directory)
        self.assertEqual((place.owner, place.keeper), (ME, None))

    def test_a_directory_others_may_write_in_is_refused(self):
        for mode in (0o777, 0o775, 0o1777, 0o757):
            directory = self.make(f"d{mode:o}", mode=mode)
            with self.subTest(mode=oct(mode)):
                self.refused(directory)

    def test_so_is_one_below_it_unless_it_is_sticky(self):
        self.make("open", mode=0o777)
        self.refused(self.make("open", "own"))
        self.make("sticky", mode=0o1777)
        self.place(self.make("sticky", "own"))

    def test_nothing_is_sent_to_a_socket_in_such_a_directory(self):
        directory = self.make("open", mode=0o777)
        server = self.serve(lambda peer: peer.until_closed(),
                            path=os.path.join(directory, "agent.sock"))
        self.assertRaises(DaemonUntrusted, self.client(server.path).whoami)
        self.assertEqual(server.connections, 0)

    def test_a_symlink_is_judged_by_where_it_leads(self):
        self.make("open", mode=0o777)
        os.symlink(os.path.join(self.directory, "open"), os.path.join(self.directory, "link"))
        self.refused(os.path.join(self.directory, "link"))
        os.symlink(os.path.join(self.directory, "open", "s"), self.path)
        self.refused(self.directory)

    def test_a_file_in_the_way_is_refused(self):
        with open(os.path.join(self.directory, "file"), "w"):
            pass
        self.refused(os.path.join(self.directory, "file"))

    @as_root
    def test_a_stranger_who_squats_in_a_sticky_directory_is_refused(self):
        self.make("tmp", mode=0o1777)
        squatted = self.make("tmp", "reeve", owner=OTHER)
        self.refused(squatted)
        self.place(squatted, configured=OTHER)
        self.refused(squatted, configured=THIRD)

    @as_root
    def test_root_may_hand_a_directory_to_a_keeper(self):
        kept = self.make("run", owner=OTHER)
        self.assertEqual(self.place(kept).keeper, OTHER)
        inner = self.make("run", "agent", owner=OTHER)
        self.assertEqual(self.place(inner).keeper, OTHER)
        self.refused(kept, configured=THIRD)

    @as_root
    def test_a_keeper_hands_nothing_on(self):
        self.make("run", owner=OTHER)
        self.refused(self.make("run", "agent", owner=THIRD))
        self.make("run", "shared", owner=OTHER, mode=0o1777)
        self.refused(self.make("run", "shared", "agent", owner=0))


class PeerTest(unittest.TestCase):
    """W8, second half: who listens? As a table; me is 1000, the daemon's account 997."""

    def check(self, peer, owner, keeper=None, configured=None):
        place = _trust.Place("/run/reeve/agent/agent.sock", owner, keeper)
        try:
            _trust.check_peer(peer, place, 1000, configured)
        except DaemonUntrusted:
            return False
        return True

    def test_the_table(self):
        for peer, owner, keeper, configured, trusted in (
                (0, 0, None, None, True), (0, 1000, None, None, True), (0, 997, 997, None, True),
                (1000, 1000, None, None, True), (997, 997, 997, None, True),
                (997, 0, None, None, True),         # only root can have put it there
                (997, 0, 996, None, False), (997, 1000, None, None, False),
                (997, 996, 996, None, False),
                (997, 0, None, 997, True), (997, 1000, None, 997, True),
                (0, 0, None, 997, True),
                (996, 0, None, 997, False), (1000, 1000, None, 997, False)):
            with self.subTest(peer=peer, owner=owner, keeper=keeper, configured=configured):
                self.assertEqual(self.check(peer, owner, keeper, configured), trusted)


class ListenerTest(DaemonTest):
    """Both halves over real sockets."""

    @as_root
    def test_the_kernels_word_on_who_listens_is_used(self):
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.bind(self.path)
        os.seteuid(OTHER)
        try:
            listener.listen(8)
        finally:
            os.seteuid(0)
        connected = socket.socket(socket.AF_UNIX)
        self.addCleanup(connected.close)
        connected.connect(self.path)
        self.assertEqual(_trust.peer_uid(connected), OTHER)
        self.environment("REEVE_DAEMON_UID", str(THIRD))
        self.assertRaises(DaemonUntrusted, self.client().whoami)
        accepted, _ = listener.accept()
        accepted.close()
        with listener.accept()[0] as refused:
            self.assertEqual(refused.recv(100), b"")     # closed, and not one byte was sent

    def test_a_uid_that_is_no_number_is_refused(self):
        for value in ("reeve", "-1", "0x0", " 0"):
            self.environment("REEVE_DAEMON_UID", value)
            self.assertRaises(DaemonUntrusted, self.client().whoami)

    def test_the_configured_uid_is_accepted(self):
        self.environment("REEVE_DAEMON_UID", str(ME))
        self.serve(lambda peer: peer.answer("WhoAmI", evidence={}))
        self.client().whoami()

    def test_an_absent_daemon_is_unavailable_and_says_what_to_do(self):
        missing = os.path.join(self.directory, "no", "agent.sock")
        for path, hint in ((self.path, "start the daemon"), (missing, "container")):
            with self.assertRaises(DaemonUnavailable) as caught:
                self.client(path).whoami()
            self.assertIn(hint, str(caught.exception))

    def test_a_socket_nobody_listens_on_is_unavailable(self):
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(self.path)
            self.assertRaises(DaemonUnavailable, self.client().whoami)
        self.assertRaises(DaemonUnavailable, self.client().whoami)

    def test_a_file_that_is_no_socket_is_unavailable(self):
        with open(self.path, "w"):
            pass
        self.assertRaises(DaemonUnavailable, self.client().whoami)

    def test_a_path_too_long_for_a_socket_is_unavailable(self):
        deep = os.path.join(self.directory, "d" * 120)
        os.mkdir(deep)
        self.assertRaises(DaemonUnavailable, self.client(os.path.join(deep, "s")).whoami)


if __name__ == "__main__":
    unittest.main()
