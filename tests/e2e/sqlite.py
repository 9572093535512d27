"""What somebody with the stopped vault's file can do to its rows: sqlite.py FILE ACTION.

The file's -wal is gone once reeved has ended in order; nothing here knows a key.
"""
import sqlite3
import sys


def main() -> None:
    path, action = sys.argv[1:3]
    vault = sqlite3.connect(path, isolation_level=None)
    # Grants (4), by their id; what is sealed in them nobody sees.
    kind = int(sys.argv[3]) if action == 'flip' else 4
    rows = vault.execute('SELECT id, sealed, head FROM record WHERE kind = ? ORDER BY id', (kind,)).fetchall()
    first, second = rows[0], rows[1]
    put = f'UPDATE record SET sealed = ? WHERE kind = {kind} AND id = ?'
    if action == 'flip':
        octets = bytearray(first[1])
        octets[len(octets) // 2] ^= 1
        vault.execute(put, (bytes(octets), first[0]))
    elif action == 'swap':
        both = 'UPDATE record SET sealed = ?, head = ? WHERE kind = 4 AND id = ?'
        vault.execute(both, (second[1], second[2], first[0]))
        vault.execute(both, (first[1], first[2], second[0]))
    elif action == 'empty':
        # What is left where all of a young vault lay in a log that was lost.
        vault.execute('DELETE FROM record')
    elif action == 'drop':
        vault.execute('DELETE FROM record WHERE kind = 4 AND id = ?', (first[0],))
    elif action == 'old':
        # The rows of an older copy, one of them put back.
        older = sqlite3.connect(sys.argv[3])
        for key, sealed, head in older.execute('SELECT id, sealed, head FROM record WHERE kind = 5'):
            now = vault.execute('SELECT sealed FROM record WHERE kind = 5 AND id = ?', (key,)).fetchone()
            if now and now[0] != sealed:
                vault.execute('UPDATE record SET sealed = ?, head = ? WHERE kind = 5 AND id = ?', (sealed, head, key))
                break
        else:
            sys.exit('no row has changed')
    elif action == 'newer':
        vault.execute('PRAGMA user_version = 99')
    else:
        sys.exit(f'no such action: {action}')
    vault.close()


if __name__ == '__main__':
    main()
