;; Finds the places where one of some literals stands, in any case, sixteen bytes at a time. Three bytes of every literal are looked up by
;; their halves in tables of eight buckets (after Intel's "Teddy"); what passes is looked up by a hash of the same bytes, then compared whole.
;;
;; Memory, filled by open-scanner.ts: 0 and 96 six tables of 16 bytes each (low and high halves of bytes 0, 1, 2), first for the literals that
;; are searched for, then for all; 192 the marks that `scan` found; 256 a bit for each of 32,768 hashes; 8192 for each hash the place of its
;; first literal, 16 bits; 73728 literals: marks (32 bits), next (16 bits, in units of 4 bytes, 0 for none), length (8 bits), bytes in lower
;; case; 131072 the text.
(module
  (memory (export "memory") 5)

  ;; The marks of all the literals that stand at a place and end before end.
  (func $marksAt (param $at i32) (param $end i32) (result i32)
    (local $hash i32) (local $entry i32) (local $length i32) (local $index i32) (local $marks i32)
    ;; Of the three bytes in lower case, 15 bits.
    (local.set $hash (i32.shr_u
      (i32.mul
        (i32.and (i32.or (i32.load (local.get $at)) (i32.const 0x202020)) (i32.const 0xffffff))
        (i32.const 0x9e3779b1))
      (i32.const 17)))
    (if (i32.eqz (i32.and
          (i32.load8_u offset=256 (i32.shr_u (local.get $hash) (i32.const 3)))
          (i32.shl (i32.const 1) (i32.and (local.get $hash) (i32.const 7)))))
      (then (return (i32.const 0))))
    (local.set $entry (i32.load16_u offset=8192 (i32.shl (local.get $hash) (i32.const 1))))
    (block $none
      (loop $entries
        (br_if $none (i32.eqz (local.get $entry)))
        (local.set $entry (i32.add (i32.const 73728) (i32.shl (local.get $entry) (i32.const 2))))
        (local.set $length (i32.load8_u offset=6 (local.get $entry)))
        (block $differs
          (br_if $differs (i32.gt_u (i32.add (local.get $at) (local.get $length)) (local.get $end)))
          (local.set $index (i32.const 0))
          (loop $bytes
            (br_if $differs (i32.ne
              (i32.or (i32.load8_u (i32.add (local.get $at) (local.get $index))) (i32.const 0x20))
              (i32.load8_u offset=7 (i32.add (local.get $entry) (local.get $index)))))
            (local.set $index (i32.add (local.get $index) (i32.const 1)))
            (br_if $bytes (i32.lt_u (local.get $index) (local.get $length))))
          (local.set $marks (i32.or (local.get $marks) (i32.load (local.get $entry)))))
        (local.set $entry (i32.load16_u offset=4 (local.get $entry)))
        (br $entries)))
    (local.get $marks))

  ;; The first place in [at, end) of a literal that has one of the marks in $until, or end. The marks of those before it are kept at 192. Up to
  ;; 18 bytes behind end are read and must exist. A literal is noticed at its third byte: what its first two said is kept from block to block.
  (func (export "scan") (param $at i32) (param $end i32) (param $tables i32) (param $until i32) (result i32)
    (local $fold v128) (local $low v128) (local $x v128) (local $high v128) (local $found v128) (local $mask i32) (local $place i32)
    (local $marks i32) (local $one v128) (local $two v128) (local $lastOne v128) (local $lastTwo v128)
    (local $lo0 v128) (local $hi0 v128) (local $lo1 v128) (local $hi1 v128) (local $lo2 v128) (local $hi2 v128)
    (local.set $fold (i8x16.splat (i32.const 0x20)))
    (local.set $low (i8x16.splat (i32.const 0x0f)))
    (local.set $lo0 (v128.load (local.get $tables)))
    (local.set $hi0 (v128.load offset=16 (local.get $tables)))
    (local.set $lo1 (v128.load offset=32 (local.get $tables)))
    (local.set $hi1 (v128.load offset=48 (local.get $tables)))
    (local.set $lo2 (v128.load offset=64 (local.get $tables)))
    (local.set $hi2 (v128.load offset=80 (local.get $tables)))
    (i32.store (i32.const 192) (i32.const 0))
    (block $over
      (loop $blocks
        (br_if $over (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $x (v128.or (v128.load (local.get $at)) (local.get $fold)))
        (local.set $high (v128.and (i16x8.shr_u (local.get $x) (i32.const 4)) (local.get $low)))
        (local.set $x (v128.and (local.get $x) (local.get $low)))
        (local.set $one (v128.and (i8x16.swizzle (local.get $lo0) (local.get $x)) (i8x16.swizzle (local.get $hi0) (local.get $high))))
        (local.set $two (v128.and (i8x16.swizzle (local.get $lo1) (local.get $x)) (i8x16.swizzle (local.get $hi1) (local.get $high))))
        (local.set $found (v128.and
          (v128.and (i8x16.swizzle (local.get $lo2) (local.get $x)) (i8x16.swizzle (local.get $hi2) (local.get $high)))
          (v128.and
            (i8x16.shuffle 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 (local.get $lastOne) (local.get $one))
            (i8x16.shuffle 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 (local.get $lastTwo) (local.get $two)))))
        (local.set $lastOne (local.get $one))
        (local.set $lastTwo (local.get $two))
        (if (v128.any_true (local.get $found))
          (then
            (local.set $mask (i32.xor (i32.const 0xffff) (i8x16.bitmask (i8x16.eq (local.get $found) (v128.const i64x2 0 0)))))
            (loop $places
              (local.set $place (i32.sub (i32.add (local.get $at) (i32.ctz (local.get $mask))) (i32.const 2)))
              (if (i32.lt_u (local.get $place) (local.get $end))
                (then
                  (local.set $marks (call $marksAt (local.get $place) (local.get $end)))
                  (if (i32.and (local.get $marks) (local.get $until)) (then (return (local.get $place))))
                  (if (local.get $marks)
                    (then (i32.store (i32.const 192) (i32.or (i32.load (i32.const 192)) (local.get $marks)))))))
              (local.set $mask (i32.and (local.get $mask) (i32.sub (local.get $mask) (i32.const 1))))
              (br_if $places (local.get $mask)))))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br $blocks)))
    (local.get $end))

  ;; How many newlines stand in [at, end).
  (func (export "countLines") (param $at i32) (param $end i32) (result i32)
    (local $newline v128) (local $count i32)
    (local.set $newline (i8x16.splat (i32.const 10)))
    (block $tail
      (loop $blocks
        (br_if $tail (i32.gt_u (i32.add (local.get $at) (i32.const 16)) (local.get $end)))
        (local.set $count (i32.add (local.get $count)
          (i32.popcnt (i8x16.bitmask (i8x16.eq (v128.load (local.get $at)) (local.get $newline))))))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br $blocks)))
    (block $over
      (loop $bytes
        (br_if $over (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $count (i32.add (local.get $count) (i32.eq (i32.load8_u (local.get $at)) (i32.const 10))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $bytes)))
    (local.get $count))
)
