#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""embed_profiles.py OUT.c FILE.yaml...: the files as texts in C, in the order of their names."""
import os
import sys


def main():
    texts, table = [], []
    for path in sorted(sys.argv[2:], key=os.path.basename):
        name = os.path.splitext(os.path.basename(path))[0]
        with open(path, 'rb') as source:
            octets = source.read()
        # An array: a string of this length is more than C promises to take.
        values = ','.join(f'{octet if octet < 128 else octet - 256}' for octet in octets + b'\0')
        texts.append(f'static const char text_{name}[] = {{{values}}};\n')
        table.append(f'\t{{"{name}", text_{name}}},\n')
    with open(sys.argv[1], 'w', encoding='ascii') as out:
        out.write('#include "config/plan/profile_priv.h"\n\n' + ''.join(texts) +
                  '\nconst struct profile_builtin profile_builtin[] = {\n' + ''.join(table) +
                  '\t{0}};\n')


main()
