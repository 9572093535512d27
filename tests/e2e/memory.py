"""Looks through a process' memory, as root: memory.py PID < one secret a line. Prints the numbers of those that lie in it."""
import re
import sys


def main() -> None:
    pid = sys.argv[1]
    secrets = [line.rstrip('\n').encode() for line in sys.stdin]
    found: set[int] = set()
    octets = 0
    with open(f'/proc/{pid}/maps', encoding='ascii') as maps, open(f'/proc/{pid}/mem', 'rb', 0) as memory:
        for line in maps:
            match = re.match(r'([0-9a-f]+)-([0-9a-f]+) r', line)
            if not match or line.rstrip().endswith(('[vvar]', '[vsyscall]', '[vvar_vclock]')):
                continue
            start, end = int(match[1], 16), int(match[2], 16)
            # What nobody ever wrote to has no page; a sanitizer's shadow is some terabytes of that.
            if end - start > 1 << 32:
                continue
            try:
                memory.seek(start)
                block = memory.read(end - start)
            except OSError:
                continue
            octets += len(block)
            found.update(number for number, secret in enumerate(secrets) if secret in block)
    print(octets, *sorted(found))


if __name__ == '__main__':
    main()
