// Runs the table of a step, alone or with a pool of threads.
#include "bp_internal.h"
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SLOTS = 64, SPINS = 200, JOIN_SPINS = 2000 };

static void run_task(const bp_program *program, const bp_instruction *instruction, void **bases, int32_t threads,
                     int32_t task) {
  switch (instruction->kind) {
    case BP_KIND_MAP:
      bp_map_run(program->path, program->real, program->maps + instruction->record, program->codes, bases, task);
      break;
    case BP_KIND_GEMM:
      bp_gemm_run(program->path, program->real, program->gemms + instruction->record, bases, threads,
                  task);
      break;
    case BP_KIND_FUSED: {
      const bp_map *map = program->maps + instruction->record;
      bp_fused_run(program->path, program->real, map, program->codes, program->gemms + map->product, bases,
                   threads, task);
      break;
    }
    case BP_KIND_COPY: bp_copy_run(program->copies + instruction->record, bases); break;
    case BP_KIND_GATHER: bp_gather_run(program->indices + instruction->record, program->real, bases); break;
    case BP_KIND_SCATTER_ADD:
      bp_scatter_add_run(program->indices + instruction->record, program->real, bases);
      break;
    case BP_KIND_WINDOW:
      bp_window_run(program->path, program->real, program->windows + instruction->record, program->gemms, bases, task);
      break;
  }
}

static int32_t task_count(const bp_program *program, const bp_instruction *instruction, int32_t threads) {
  switch (instruction->kind) {
    case BP_KIND_GEMM: return bp_gemm_tasks(program->gemms + instruction->record, threads);
    case BP_KIND_FUSED:
      return bp_gemm_tasks(program->gemms + program->maps[instruction->record].product, threads);
    default: return instruction->tasks;
  }
}

static inline void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

// One piece of work is one instruction. The caller publishes it by raising `generation`; every thread then takes
// task numbers from `next` until none is left, and counts itself out of `busy`. Which thread runs which task is left
// to chance: tasks write to separate places, so chance does not reach the result.
struct bp_pool {
  _Atomic uint64_t generation;
  _Atomic int32_t next;
  _Atomic int32_t busy;
  _Atomic int32_t parked;
  _Atomic int32_t stopping;
  const bp_program *program;
  const bp_instruction *instruction;
  int32_t tasks;
  void *const *bases;
  char *scratch;
  int32_t threads;
  pthread_mutex_t mutex;
  pthread_cond_t wake;
  pthread_t handles[];
};

typedef struct { bp_pool *pool; int32_t number; } worker_start;

static void take_tasks(bp_pool *pool, void **bases) {
  for (;;) {
    int32_t task = atomic_fetch_add_explicit(&pool->next, 1, memory_order_relaxed);
    if (task >= pool->tasks) return;
    run_task(pool->program, pool->instruction, bases, pool->threads, task);
  }
}

static uint64_t wait_for_work(bp_pool *pool, uint64_t seen) {
  for (int32_t spin = 0; spin < SPINS; spin++) {
    uint64_t now = atomic_load_explicit(&pool->generation, memory_order_acquire);
    if (now != seen) return now;
    pause_briefly();
  }
  pthread_mutex_lock(&pool->mutex);
  atomic_fetch_add(&pool->parked, 1);
  uint64_t now;
  while ((now = atomic_load(&pool->generation)) == seen) pthread_cond_wait(&pool->wake, &pool->mutex);
  atomic_fetch_sub(&pool->parked, 1);
  pthread_mutex_unlock(&pool->mutex);
  return now;
}

static void *worker(void *argument) {
  worker_start start = *(worker_start *)argument;
  free(argument);
  bp_pool *pool = start.pool;
  uint64_t seen = 0;
  for (;;) {
    seen = wait_for_work(pool, seen);
    if (atomic_load(&pool->stopping)) return NULL;
    const bp_program *program = pool->program;
    void *bases[MAX_SLOTS];
    memcpy(bases, pool->bases, sizeof(void *) * (size_t)program->slotCount);
    bases[BP_SLOT_SCRATCH] = pool->scratch + (size_t)start.number * program->scratchBytes;
    uint64_t saved = 0;
    if (program->flushDenormals) saved = bp_denormals_flush();
    take_tasks(pool, bases);
    if (program->flushDenormals) bp_denormals_restore(saved);
    atomic_fetch_sub_explicit(&pool->busy, 1, memory_order_release);
  }
}

static void publish(bp_pool *pool) {
  atomic_store_explicit(&pool->next, 0, memory_order_relaxed);
  atomic_store_explicit(&pool->busy, pool->threads - 1, memory_order_relaxed);
  atomic_fetch_add(&pool->generation, 1);
  if (atomic_load(&pool->parked) > 0) {
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
  }
}

bp_pool *bp_pool_create(int32_t threads) {
  bp_pool *pool = calloc(1, sizeof(bp_pool) + sizeof(pthread_t) * (size_t)(threads > 1 ? threads : 1));
  if (!pool) return NULL;
  pool->threads = 1;
  pthread_mutex_init(&pool->mutex, NULL);
  pthread_cond_init(&pool->wake, NULL);
  for (int32_t number = 1; number < threads; number++) {
    worker_start *start = malloc(sizeof *start);
    if (start) *start = (worker_start){pool, number};
    if (!start || pthread_create(&pool->handles[number], NULL, worker, start) != 0) {
      free(start);
      bp_pool_destroy(pool);
      return NULL;
    }
    pool->threads = number + 1;
  }
  return pool;
}

void bp_pool_destroy(bp_pool *pool) {
  if (!pool) return;
  atomic_store(&pool->stopping, 1);
  pthread_mutex_lock(&pool->mutex);
  atomic_fetch_add(&pool->generation, 1);
  pthread_cond_broadcast(&pool->wake);
  pthread_mutex_unlock(&pool->mutex);
  for (int32_t number = 1; number < pool->threads; number++) pthread_join(pool->handles[number], NULL);
  pthread_mutex_destroy(&pool->mutex);
  pthread_cond_destroy(&pool->wake);
  free(pool);
}

void bp_program_run(const bp_program *program, int32_t first, int32_t count, void *const *bases, void *scratch,
                    bp_pool *pool) {
  void *mine[MAX_SLOTS];
  memcpy(mine, bases, sizeof(void *) * (size_t)program->slotCount);
  mine[BP_SLOT_SCRATCH] = scratch;
  uint64_t saved = 0;
  if (program->flushDenormals) saved = bp_denormals_flush();
  for (int32_t i = first; i < first + count; i++) {
    const bp_instruction *instruction = program->instructions + i;
    if (pool && pool->threads > 1 && instruction->parallel && instruction->tasks > 1) {
      pool->program = program;
      pool->instruction = instruction;
      pool->tasks = task_count(program, instruction, pool->threads);
      pool->bases = bases;
      pool->scratch = scratch;
      publish(pool);
      take_tasks(pool, mine);
      for (int32_t spin = 0; atomic_load_explicit(&pool->busy, memory_order_acquire) > 0; spin++)
        if (spin < JOIN_SPINS) pause_briefly();
        else sched_yield();   // a thread of ours may be waiting for this very core
    } else {
      const int32_t tasks = task_count(program, instruction, 1);
      for (int32_t task = 0; task < tasks; task++) run_task(program, instruction, mine, 1, task);
    }
  }
  if (program->flushDenormals) bp_denormals_restore(saved);
}
