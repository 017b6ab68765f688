/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Drives a fuzz target without libFuzzer:  fuzz-NAME-replay ROUNDS FILE-OR-FOLDER…
 * Every file goes in as it is; then ROUNDS mutations of them, always the same ones. When the target
 * aborts, the input that did it is left in fuzz-NAME.failed: give that file to see it again.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/base/rng.h"
#include "tests/fuzz/fuzz.h"

enum {
	SEED = 20261121,
	FILES_MAX = 2000,
	INPUT_MAX = 1 << 17,
	MUTATED_MAX = 16384,
	PATH_LEN = 600
};

struct input {
	uint8_t *octets;
	size_t size;
};

static struct input input[FILES_MAX];
static unsigned inputs;
static const uint8_t *now_in;
static size_t now_size;

static void on_abort(int signal_number)
{
	int fd = open(FUZZ_NAME ".failed", O_WRONLY | O_CREAT | O_TRUNC, 0644);
	static const char told[] = "the input is in " FUZZ_NAME ".failed\n";

	if (fd >= 0 && write(fd, now_in, now_size) == (ssize_t)now_size &&
	    write(STDERR_FILENO, told, sizeof(told) - 1) < 0)
		_exit(2);
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

static void run(const uint8_t *octets, size_t size)
{
	now_in = octets;
	now_size = size;
	LLVMFuzzerTestOneInput(octets, size);
}

static void add_file(const char *path)
{
	struct input *in = &input[inputs];
	FILE *f = fopen(path, "rb");

	fuzz_check(f && inputs < FILES_MAX);
	in->octets = malloc(INPUT_MAX);
	fuzz_check(in->octets);
	in->size = fread(in->octets, 1, INPUT_MAX, f);
	fclose(f);
	inputs++;
}

static void add(const char *path)
{
	struct dirent **entry;
	struct stat st;
	int n;

	fuzz_check(stat(path, &st) == 0);
	if (!S_ISDIR(st.st_mode)) {
		add_file(path);
		return;
	}
	n = scandir(path, &entry, NULL, alphasort); /* the same order everywhere */
	for (int i = 0; i < n; i++) {
		char name[PATH_LEN];

		snprintf(name, sizeof(name), "%s/%s", path, entry[i]->d_name);
		if (entry[i]->d_name[0] != '.')
			add_file(name);
		free(entry[i]);
	}
	free(entry);
}

/* One change; returns the new size. */
static size_t mutate(uint8_t *m, size_t size, struct rng *rng)
{
	static const uint8_t odd[] = {0, 1, 0x7f, 0x80, 0xff, '\r', '\n', ' ', '"', ';', '%', '0'};
	const struct input *other = &input[rng_below(rng, inputs)];
	size_t at = rng_below(rng, (uint32_t)size + 1), n = 1 + rng_below(rng, 24), from;

	switch (rng_below(rng, 6)) {
	case 0:
		if (at < size)
			m[at] = (uint8_t)rng_u32(rng);
		return size;
	case 1:
		if (at < size)
			m[at] = odd[rng_below(rng, sizeof(odd))];
		return size;
	case 2: /* some vanish */
		n = n > size - at ? size - at : n;
		memmove(m + at, m + at + n, size - at - n);
		return size - n;
	case 3: /* a piece of another input comes in */
		from = rng_below(rng, (uint32_t)other->size + 1);
		n = 1 + rng_below(rng, 300);
		n = n > other->size - from ? other->size - from : n;
		n = n > MUTATED_MAX - size ? MUTATED_MAX - size : n;
		memmove(m + at + n, m + at, size - at);
		memcpy(m + at, other->octets + from, n);
		return size + n;
	case 4:
		if (at < size)
			m[at] ^= (uint8_t)(1u << rng_below(rng, 8));
		return size;
	default:
		return rng_below(rng, 8) ? size : at;
	}
}

static void run_mutated(struct rng *rng)
{
	const struct input *in = &input[rng_below(rng, inputs)];
	size_t size = in->size < MUTATED_MAX ? in->size : MUTATED_MAX;
	uint8_t *m = malloc(MUTATED_MAX);

	fuzz_check(m);
	memcpy(m, in->octets, size);
	for (unsigned i = 1 + rng_below(rng, 8); i; i--)
		size = mutate(m, size, rng);
	run(m, size);
	free(m);
}

int main(int argc, char **argv)
{
	struct rng rng;
	int rounds;

	if (argc < 3) {
		fprintf(stderr, "usage: %s ROUNDS FILE-OR-FOLDER...\n", argv[0]);
		return 2;
	}
	rounds = atoi(argv[1]);
	for (int i = 2; i < argc; i++)
		add(argv[i]);
	fuzz_check(inputs > 0);
	signal(SIGABRT, on_abort);
	for (unsigned i = 0; i < inputs; i++)
		run(input[i].octets, input[i].size);
	rng_init_seed(&rng, SEED);
	for (int i = 0; i < rounds; i++)
		run_mutated(&rng);
	printf("%s: %u inputs, %d mutations (seed %d)\n", FUZZ_NAME, inputs, rounds, SEED);
	for (unsigned i = 0; i < inputs; i++)
		free(input[i].octets);
	return 0;
}
