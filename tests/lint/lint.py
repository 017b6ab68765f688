#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The coding rules that a machine can check, one TAP point per rule.

  lint.py [ROOT]          checks the tree
  lint.py --self-test     plants each mistake in a small tree and sees every rule find its own
"""
import os
import re
import sys
import tempfile

FUNCTION_LINES_MAX = 60
FILE_LINES_MAX = 800
EXCEPTIONS = 'tests/lint/exceptions.txt'  # "PATH FUNCTION  why", one long function per line

# Which of the project's folders a folder may include from (longest prefix first counts), the
# folder itself always.
LAYERS = {
    'gateway/base': [],
    'gateway/call': ['gateway/base'],
    'gateway/plan': ['gateway/base', 'gateway/call'],
    'gateway/lookup/enum': ['gateway/base', 'gateway/call', 'gateway/plan',
                            'gateway/lookup/lookup_port.h'],
    'hw/t1e1': ['gateway/base'],
    'src/isdn_map': ['gateway/base', 'gateway/call', 'hw/t1e1'],
    'src/sip_map': ['gateway/base', 'gateway/call'],
    'src/media_bridge': ['gateway/base', 'gateway/call', 'hw/t1e1'],
    'config': ['gateway/base', 'gateway/call', 'gateway/plan', 'hw/t1e1', 'src/isdn_map',
               'src/sip_map', 'src/media_bridge'],
    # Shows what the adapters count: their public headers, never their insides.
    'src/mgmt': ['gateway/base', 'gateway/call', 'gateway/lookup/lookup_port.h', 'gateway/plan',
                 'hw/t1e1', 'config', 'src/isdn_map',
                 'src/sip_map', 'src/media_bridge'],
    # The exchange shares no ISDN code with the gateway that it tests, only where libpri's memory
    # comes from.
    'gateway/pbx': ['gateway/base', 'hw/t1e1', 'gateway/lab/pattern.h',
                    'src/isdn_map/pri/pri_heap.h'],
    # Nor does the script player: no libpri either, a mistake must not sit on both ends.
    'tests/peer_isdn': ['gateway/base', 'gateway/lab', 'hw/t1e1', 'src/media_bridge', 'tests/sim'],
}
# The headers of a module that others may include; its other headers stay inside (and with its tests).
PUBLIC = {
    'src/isdn_map': ['isdn.h', 'isdn_frame.h', 'isdn_setup_ies.h', 'isdn_words.h', 'pri/pri_heap.h'],
    'src/sip_map': ['sip.h', 'sip_party.h', 'transport/sip_udp.h'],
    'src/media_bridge': ['media.h', 'rtp_net.h'],
    'config': ['config.h', 'endpoint_text.h', 'import/dahdi/import.h', 'import/plan/plan_import.h',
               'plan/lint.h', 'plan/profile.h'],
}
# Libraries and the only folders that may see them.
LIBRARIES = [
    (re.compile(r'libpri\.h|pri_.*\.h'), ['src/isdn_map/pri', 'gateway/pbx', 'tests/unit/isdn_map']),
    (re.compile(r'osip2/|osipparser2/'), ['src/sip_map', 'bench/osip_floor']),
    (re.compile(r'spandsp'), ['src/media_bridge']),
    (re.compile(r'yaml\.h'), ['config']),
    (re.compile(r'ares\w*\.h'), ['gateway/lookup/enum']),
    (re.compile(r'dahdi/'), ['hw/t1e1', 'tests/unit/t1e1', 'tests/dahdi']),
]
BANNED = re.compile(r'\b(strcpy|strcat|sprintf|vsprintf|gets|alloca|sleep|usleep|nanosleep|system)'
                    r'\s*\(')
SPDX = 'SPDX-License-Identifier: GPL-2.0-or-later'
SPDX_NAMES = re.compile(r'\.(c|h|py|sh|ts|tsx|xml)$|^meson\.build$|^meson\.options$'
                        r'|^meson_options\.txt$|^Dockerfile$|^run$')
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def read(root, path):
    with open(os.path.join(root, path), encoding='utf-8') as source:
        return source.read()


def walk(root):
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if not f.startswith('build') and f != 'node_modules'
                            and (not f.startswith('.') or f == '.ci'))
        for name in sorted(names):
            yield os.path.relpath(os.path.join(folder, name), root)


def without_comments(text):
    """Comments and string contents blanked, lines kept."""
    def blank(match):
        found = match[0]
        if found.startswith('/'):
            return re.sub(r'[^\n]', ' ', found)
        return found[0] + found[0]
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text,
                  flags=re.S)


def under(path, folder):
    return path == folder or path.startswith(folder + '/') or \
        (folder.endswith('.h') and path == folder) or path.startswith(folder + '.')


def layer_of(path):
    return max((f for f in LAYERS if under(path, f)), key=len, default=None)


class Tree:
    def __init__(self, root):
        self.root = root
        self.files = list(walk(root))
        self.c = [f for f in self.files if f.endswith(('.c', '.h'))]
        self.text = {f: read(root, f) for f in self.c}
        self.code = {f: without_comments(t) for f, t in self.text.items()}

    def line(self, path, offset):
        return f'{path}:{self.text[path].count(chr(10), 0, offset) + 1}'

    def includes(self):
        for path, text in self.text.items():
            for match in INCLUDE.finditer(text):
                yield path, match[1] == '"', match[2], self.line(path, match.start(2))


def check_spdx(tree):
    """each source file names its licence in the first lines"""
    for path in tree.files:
        if SPDX_NAMES.search(os.path.basename(path)):
            head = read(tree.root, path)[:400]
            if SPDX not in head:
                yield f'{path}:1: no "{SPDX}"'


def check_layers(tree):
    """dependencies point inwards; isdn_map and sip_map never meet"""
    for path, own, name, where in tree.includes():
        layer = layer_of(path)
        if not own or layer is None:
            continue
        if not any(under(name, f) for f in [layer] + LAYERS[layer]):
            yield f'{where}: {layer}/ may not include "{name}"'


def check_private_headers(tree):
    """a private header stays in its folder"""
    for path, own, name, where in tree.includes():
        for module, public in PUBLIC.items():
            inside = under(path, module) or path.startswith(('tests/', 'bench/'))
            if own and under(name, module) and not inside and \
                    name not in [f'{module}/{header}' for header in public]:
                yield f'{where}: "{name}" is private to {module}/'


def check_root_includes(tree):
    """own headers are named from the root of the project and exist; no common.h"""
    for path, own, name, where in tree.includes():
        if os.path.basename(name) in ('common.h', 'utils.h', 'util.h'):
            yield f'{where}: "{name}": give the header the name of what it is for'
        elif own and name not in tree.text:
            yield f'{where}: "{name}" is no file of the project'


def check_libraries(tree):
    """libpri, libosip2, spandsp, libyaml, c-ares are seen only by their adapters"""
    for path, own, name, where in tree.includes():
        for library, folders in LIBRARIES:
            if not own and library.match(name) and not any(under(path, f) for f in folders):
                yield f'{where}: <{name}> only in {", ".join(folders)}'


def check_banned(tree):
    """no unbounded string functions, alloca or sleeping"""
    for path, code in tree.code.items():
        for match in BANNED.finditer(code):
            line = code.count('\n', 0, match.start()) + 1
            yield f'{path}:{line}: {match[1]}()'


def functions(code):
    """(name, first line, number of lines) of each function: a body from '{' to '}' in column 0."""
    lines = code.split('\n')
    start = None
    for number, line in enumerate(lines, 1):
        if line.startswith('{'):
            start = number
        elif line.startswith('}') and start is not None:
            head = ' '.join(lines[max(0, start - 8):start - 1])
            names = re.findall(r'(\w+)\s*\(', re.split(r'[;}]', head)[-1])
            if names:
                yield names[0], start, number - start + 1
            start = None


def check_functions(tree):
    """functions fit on a screen"""
    allowed = set()
    if EXCEPTIONS in tree.files:
        for line in read(tree.root, EXCEPTIONS).splitlines():
            words = line.split('#')[0].split()
            if len(words) >= 3:
                allowed.add((words[0], words[1]))
    used = set()
    for path, code in tree.code.items():
        for name, line, count in functions(code):
            if count <= FUNCTION_LINES_MAX:
                continue
            if (path, name) in allowed:
                used.add((path, name))
            else:
                yield f'{path}:{line}: {name}() has {count} lines, {FUNCTION_LINES_MAX} are allowed'
    for path, name in sorted(allowed - used):
        yield f'{EXCEPTIONS}: {path} {name} is no longer needed'


def check_files(tree):
    """files stay within a few hundred lines"""
    for path, text in tree.text.items():
        count = text.count('\n')
        if count > FILE_LINES_MAX:
            yield f'{path}: {count} lines, {FILE_LINES_MAX} are allowed'


CHECKS = [check_spdx, check_layers, check_private_headers, check_root_includes, check_libraries,
          check_banned, check_functions, check_files]

# path, text, and the rule that must find it. Beside them a clean file that none may touch.
PLANTED = [
    ('gateway/base/a.c', 'int a;\n', check_spdx),
    ('src/isdn_map/a.c', '#include "src/sip_map/sip.h"\n', check_layers),
    ('src/sip_map/a.c', '#include "src/isdn_map/isdn.h"\n', check_layers),
    ('gateway/pbx/a.c', '#include "src/isdn_map/isdn.h"\n', check_layers),
    ('gateway/core.c', '#include "src/sip_map/dialog/dialog.h"\n', check_private_headers),
    ('hw/t1e1/a.c', '#include "gateway/base/nowhere.h"\n', check_root_includes),
    ('hw/t1e1/b.c', '#include "hw/t1e1/common.h"\n', check_root_includes),
    ('src/isdn_map/b.c', '#include <libpri.h>\n', check_libraries),
    ('src/mgmt/a.c', '#include <osip2/osip.h>\n', check_libraries),
    ('gateway/daemon.c', '#include <ares.h>\n', check_libraries),
    ('gateway/base/b.c', 'void f(char *s)\n{\n\tstrcpy(s, "x");\n}\n', check_banned),
    ('gateway/base/c.c', 'void f(void)\n{\n\tusleep (1);\n}\n', check_banned),
    ('gateway/base/d.c', 'void f(void)\n{\n' + '\t;\n' * 60 + '}\n', check_functions),
    ('gateway/base/e.c', '/* */\n' * 801, check_files),
]
CLEAN = ('gateway/plan/clean.c', f'/* {SPDX} */\n#include "gateway/call/call_types.h"\n'
         '/* strcpy(s, t) is not used */\nconst char *s = "sleep(1)";\n'
         'void f(void)\n{\n' + '\t;\n' * 58 + '}\n')
HEADERS = ['src/sip_map/sip.h', 'src/isdn_map/isdn.h', 'src/sip_map/dialog/dialog.h',
           'gateway/call/call_types.h', 'hw/t1e1/common.h']


def self_test():
    def write(root, path, text):
        os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
        with open(os.path.join(root, path), 'w', encoding='utf-8') as out:
            out.write(text)
    results = []
    for path, text, rule in PLANTED:
        with tempfile.TemporaryDirectory() as root:
            for header in HEADERS:
                write(root, header, f'/* {SPDX} */\n')
            write(root, *CLEAN)
            write(root, path, text if rule is check_spdx else f'/* {SPDX} */\n' + text)
            tree = Tree(root)
            found = {check for check in CHECKS if list(check(tree))}
            results.append((found == {rule}, f'{rule.__name__} alone finds the mistake in {path}'))
    return results


def main():
    results = []
    if sys.argv[1:] == ['--self-test']:
        results = self_test()
    else:
        tree = Tree(sys.argv[1] if len(sys.argv) > 1 else '.')
        for check in CHECKS:
            found = list(check(tree))
            for mistake in found:
                print('# ' + mistake)
            results.append((not found, check.__doc__))
        if not tree.c:
            results.append((False, 'there is a tree to check'))
    print(f'1..{len(results)}')
    for number, (ok, what) in enumerate(results, 1):
        print(f'{"" if ok else "not "}ok {number} - {what}')
    return 0 if all(ok for ok, _ in results) else 1


if __name__ == '__main__':
    sys.exit(main())
