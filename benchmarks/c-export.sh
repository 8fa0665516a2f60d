#!/usr/bin/env bash
# What a header of `unroll export` takes, beside a bare loop by hand: bytes of code (-Os) and constants, RAM, and time of a step, for
# one LSTM layer of 16, 32 and 64 units with one input and one output, as an audio effect has them.
# Usage: benchmarks/c-export.sh [COMPILER]
# Export is the processor time of the whole command, its start included. Times of steps are the least of 400 runs in turns, each short,
# so that other programs do not matter; cycles are those of the time-stamp counter, on x86 alone.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
compiler=${1:-gcc}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
./unroll --version >/dev/null # builds when needed
unroll=(dotnet "$PWD/artifacts/bin/Unroll.Cli/release/Unroll.Cli.dll")
awk 'BEGIN { print "y,x"; for (t = 0; t < 200; t++) print sin(t / 7) "," cos(t / 5) }' >"$dir/wave.csv"
echo "$($compiler --version | head -1), -O2 -march=native"
echo "| units | header | code, bytes | constants | RAM | export, CPU ms | ns a step | cycles a step | ns, by hand | cycles, by hand |"
echo "|---|---|---|---|---|---|---|---|---|---|"
for units in 16 32 64; do
  "${unroll[@]}" train tag --data "$dir/wave.csv" --target y --cell lstm --hidden $units --updates 5 --check-every 5 --window 20 \
    --out "$dir/run$units" --json >/dev/null
  for form in float32 int8 rational; do
    case $form in int8) options=(--quantize int8) ;; rational) options=(--tanh rational) ;; *) options=() ;; esac
    TIMEFORMAT='%U %S'
    took=$({ time "${unroll[@]}" export "$dir/run$units/model.safetensors" --name net --out "$dir/net.h" --force "${options[@]}" \
      >"$dir/said.txt"; } 2>&1 | awk '{ print 1000 * ($1 + $2) }')
    constants=$(sed -n 's/ bytes of constants.*//p' "$dir/said.txt" | tr -d ,)
    ram=$(sed -n 's/.*constants, \([0-9,]*\) of state, \([0-9,]*\) on the stack.*/\1 \2/p' "$dir/said.txt" | tr -d , |
      awk '{ print $1 + $2 }')
    cat >"$dir/use.c" <<'C'
#include "net.h"
void run(net_state *state, const float *in, float *out) { net_step(state, in, out); }
C
    cat >"$dir/main.c" <<'C'
#define _POSIX_C_SOURCE 199309L
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "net.h"
#if defined(__x86_64__)
#include <x86intrin.h>
#define TICKS() ((double)__rdtsc())
#else
#define TICKS() 0.0
#endif
#define STEPS 300
extern void run(net_state *state, const float *in, float *out);
static float w[4 * UNITS][UNITS + 1], b[4 * UNITS], v[UNITS], h[UNITS], c[UNITS];
/* As one writes it from the equations: a row of weights a gate. */
static float by_hand(float in)
{
    float x[4 * UNITS], y = 0.0f;
    for (int j = 0; j < 4 * UNITS; j++) {
        x[j] = b[j] + w[j][UNITS] * in;
        for (int i = 0; i < UNITS; i++) x[j] += w[j][i] * h[i];
    }
    for (int j = 0; j < UNITS; j++) {
        const float i = 1.0f / (1.0f + expf(-x[j])), f = 1.0f / (1.0f + expf(-x[UNITS + j]));
        const float o = 1.0f / (1.0f + expf(-x[3 * UNITS + j]));
        c[j] = f * c[j] + i * tanhf(x[2 * UNITS + j]);
        h[j] = o * tanhf(c[j]);
        y += v[j] * h[j];
    }
    return y;
}
static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}
int main(void)
{
    double best[4] = { 1e30, 1e30, 1e30, 1e30 };
    float sum = 0.0f;
    for (int j = 0; j < 4 * UNITS; j++) for (int i = 0; i <= UNITS; i++) w[j][i] = 0.1f * sinf((float)(j * 7 + i * 3));
    for (int j = 0; j < UNITS; j++) v[j] = 0.1f;
    for (int turn = 0; turn < 400; turn++) {
        net_state state;
        double begin = now(), ticks = TICKS();
        net_reset(&state);
        for (int t = 0; t < STEPS; t++) {
            float in = sinf((float)t), out;
            run(&state, &in, &out);
            sum += out;
        }
        ticks = TICKS() - ticks; begin = now() - begin;
        if (begin < best[0]) best[0] = begin;
        if (ticks < best[1]) best[1] = ticks;
        begin = now(); ticks = TICKS();
        for (int t = 0; t < STEPS; t++) sum += by_hand(sinf((float)t));
        ticks = TICKS() - ticks; begin = now() - begin;
        if (begin < best[2]) best[2] = begin;
        if (ticks < best[3]) best[3] = ticks;
    }
    for (int i = 0; i < 4; i++) printf("%.0f |%s", best[i] / STEPS, i < 3 ? " " : sum == 1.5f ? " \n" : "\n");
    return 0;
}
C
    (cd "$dir" && $compiler -std=c99 -Os -c use.c -o small.o && $compiler -std=c99 -O2 -march=native -c use.c -o use.o &&
      $compiler -std=c99 -O2 -march=native -DUNITS=$units main.c use.o -o main -lm)
    code=$(size -A "$dir/small.o" | awk '$1 ~ /^\.text/ { bytes += $2 } END { print bytes }')
    echo "| $units | $form | $code | $constants | $ram | $took | $("$dir/main")"
  done
done
