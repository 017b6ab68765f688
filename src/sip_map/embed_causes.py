#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""embed_causes.py OUT.c FILE.csv...: the files as texts in C, named after them."""
import os
import sys


def main():
    with open(sys.argv[1], 'w', encoding='ascii') as out:
        out.write('#include "src/sip_map/cause_builtin.h"\n')
        for path in sys.argv[2:]:
            name = os.path.splitext(os.path.basename(path))[0]
            with open(path, 'rb') as source:
                # An array: a string of this length is more than C promises to take.
                values = ','.join(str(octet) for octet in source.read() + b'\0')
            out.write(f'\nconst char cause_builtin_{name}[] = {{{values}}};\n')


main()
