#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the built programs load. The core links libpri, GPL version 2 without "or later": it must not
load code whose licence that forbids. libpri, libosip2 and spandsp are linked statically, because the
wrap around their clock does nothing in a shared library.

  links.py PROGRAM...
"""
import os
import re
import subprocess
import sys

FORBIDDEN = re.compile(r'lib(ssl|crypto|readline|mbed\w*|tiff|Lerc|systemd|curl|pq|netsnmp)\b')
# No libpri in there: "or later" lets GPL version 3 apply, which goes with OpenSSL 3 (Apache 2.0).
HTTP_PROGRAM = 'spanbridge-lookup'
HTTP_MAY = re.compile(r'lib(ssl|crypto|curl)\b')
STATIC = re.compile(r'lib(pri|osip2|osipparser2|spandsp)\.so')


def main():
    programs = sys.argv[1:]
    print(f'1..{len(programs)}')
    bad = 0
    for number, program in enumerate(programs, 1):
        ldd = subprocess.run(['ldd', program], capture_output=True, text=True, check=False)
        name = os.path.basename(program)
        wrong = [line.strip() for line in ldd.stdout.splitlines()
                 if STATIC.search(line) or 'not found' in line or FORBIDDEN.search(line) and
                 not (name == HTTP_PROGRAM and HTTP_MAY.search(line))]
        if ldd.returncode or 'libc.so' not in ldd.stdout:
            wrong.append('ldd: ' + (ldd.stderr.strip() or 'no libc.so in what it printed'))
        for line in wrong:
            print('# ' + line)
        bad += bool(wrong)
        print(f'{"not " if wrong else ""}ok {number} - {name} loads only what it may')
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
