;; Resampling, mixing and repacking of pixels with 128-bit vectors. Pixels are 4 bytes, RGBX: X is carried along and means
;; nothing. `pixel-kernels.ts` says what the arguments are and owns the memory; nothing is checked here.
;;
;; A weight is an i16 with 14 bits behind the point. Bytes are widened to i16 and stand in pairs (of neighbours across,
;; or of rows), so that one i32x4.dot_i16x8_s multiplies two of them for each of the 4 bytes of a pixel.
(module
  (memory (export "memory") 1)

  ;; Resamples along rows. Four rows at a time, for which `target` has room whatever `rows` is.
  ;; `starts`: byte offset in a row of each pixel's first source pixel. `taps` is a multiple of 4.
  (func (export "resampleRows")
    (param $source i32) (param $sourceStride i32) (param $target i32) (param $targetStride i32)
    (param $rows i32) (param $width i32) (param $starts i32) (param $weights i32) (param $taps i32)
    (local $x i32) (local $tap i32) (local $weight i32) (local $out i32)
    (local $row0 i32) (local $row1 i32) (local $row2 i32) (local $row3 i32)
    (local $sum0 v128) (local $sum1 v128) (local $sum2 v128) (local $sum3 v128)
    (local $first v128) (local $second v128) (local $pixels v128) (local $pair01 v128) (local $pair23 v128)
    (local.set $pair01 (v128.const i8x16 0 -1 4 -1 1 -1 5 -1 2 -1 6 -1 3 -1 7 -1))
    (local.set $pair23 (v128.const i8x16 8 -1 12 -1 9 -1 13 -1 10 -1 14 -1 11 -1 15 -1))
    (loop $groups
      (local.set $weight (local.get $weights))
      (local.set $out (local.get $target))
      (local.set $x (i32.const 0))
      (loop $across
        (local.set $row0 (i32.add (local.get $source)
          (i32.load (i32.add (local.get $starts) (i32.shl (local.get $x) (i32.const 2))))))
        (local.set $row1 (i32.add (local.get $row0) (local.get $sourceStride)))
        (local.set $row2 (i32.add (local.get $row1) (local.get $sourceStride)))
        (local.set $row3 (i32.add (local.get $row2) (local.get $sourceStride)))
        (local.set $sum0 (v128.const i32x4 8192 8192 8192 8192))
        (local.set $sum1 (local.get $sum0))
        (local.set $sum2 (local.get $sum0))
        (local.set $sum3 (local.get $sum0))
        (local.set $tap (local.get $taps))
        (loop $four
          (local.set $first (v128.load32_splat (local.get $weight)))
          (local.set $second (v128.load32_splat offset=4 (local.get $weight)))
          (local.set $pixels (v128.load (local.get $row0)))
          (local.set $sum0 (i32x4.add (local.get $sum0) (i32x4.add
            (i32x4.dot_i16x8_s (local.get $first) (i8x16.swizzle (local.get $pixels) (local.get $pair01)))
            (i32x4.dot_i16x8_s (local.get $second) (i8x16.swizzle (local.get $pixels) (local.get $pair23))))))
          (local.set $pixels (v128.load (local.get $row1)))
          (local.set $sum1 (i32x4.add (local.get $sum1) (i32x4.add
            (i32x4.dot_i16x8_s (local.get $first) (i8x16.swizzle (local.get $pixels) (local.get $pair01)))
            (i32x4.dot_i16x8_s (local.get $second) (i8x16.swizzle (local.get $pixels) (local.get $pair23))))))
          (local.set $pixels (v128.load (local.get $row2)))
          (local.set $sum2 (i32x4.add (local.get $sum2) (i32x4.add
            (i32x4.dot_i16x8_s (local.get $first) (i8x16.swizzle (local.get $pixels) (local.get $pair01)))
            (i32x4.dot_i16x8_s (local.get $second) (i8x16.swizzle (local.get $pixels) (local.get $pair23))))))
          (local.set $pixels (v128.load (local.get $row3)))
          (local.set $sum3 (i32x4.add (local.get $sum3) (i32x4.add
            (i32x4.dot_i16x8_s (local.get $first) (i8x16.swizzle (local.get $pixels) (local.get $pair01)))
            (i32x4.dot_i16x8_s (local.get $second) (i8x16.swizzle (local.get $pixels) (local.get $pair23))))))
          (local.set $row0 (i32.add (local.get $row0) (i32.const 16)))
          (local.set $row1 (i32.add (local.get $row1) (i32.const 16)))
          (local.set $row2 (i32.add (local.get $row2) (i32.const 16)))
          (local.set $row3 (i32.add (local.get $row3) (i32.const 16)))
          (local.set $weight (i32.add (local.get $weight) (i32.const 8)))
          (br_if $four (local.tee $tap (i32.sub (local.get $tap) (i32.const 4)))))
        (local.set $pixels (i8x16.narrow_i16x8_u
          (i16x8.narrow_i32x4_s
            (i32x4.shr_s (local.get $sum0) (i32.const 14)) (i32x4.shr_s (local.get $sum1) (i32.const 14)))
          (i16x8.narrow_i32x4_s
            (i32x4.shr_s (local.get $sum2) (i32.const 14)) (i32x4.shr_s (local.get $sum3) (i32.const 14)))))
        (v128.store32_lane 0 (local.get $out) (local.get $pixels))
        (v128.store32_lane 1 (i32.add (local.get $out) (local.get $targetStride)) (local.get $pixels))
        (v128.store32_lane 2
          (i32.add (local.get $out) (i32.shl (local.get $targetStride) (i32.const 1))) (local.get $pixels))
        (v128.store32_lane 3
          (i32.add (local.get $out) (i32.mul (local.get $targetStride) (i32.const 3))) (local.get $pixels))
        (local.set $out (i32.add (local.get $out) (i32.const 4)))
        (br_if $across
          (i32.lt_u (local.tee $x (i32.add (local.get $x) (i32.const 1))) (local.get $width))))
      (local.set $source (i32.add (local.get $source) (i32.shl (local.get $sourceStride) (i32.const 2))))
      (local.set $target (i32.add (local.get $target) (i32.shl (local.get $targetStride) (i32.const 2))))
      (br_if $groups (i32.gt_s (local.tee $rows (i32.sub (local.get $rows) (i32.const 4))) (i32.const 0)))))

  ;; Resamples along columns. `stride`, of source and target, is a multiple of 16.
  ;; `starts`: byte offset of each row's first source row. `taps` is even.
  (func (export "resampleColumns")
    (param $source i32) (param $target i32) (param $stride i32) (param $rows i32)
    (param $starts i32) (param $weights i32) (param $taps i32)
    (local $block i32) (local $tap i32) (local $weight i32) (local $at i32) (local $row i32)
    (local $sum0 v128) (local $sum1 v128) (local $sum2 v128) (local $sum3 v128)
    (local $pair v128) (local $above v128) (local $below v128) (local $mixed v128)
    (loop $down
      (local.set $row (i32.add (local.get $source) (i32.load (local.get $starts))))
      (local.set $block (i32.const 0))
      (loop $across
        (local.set $at (i32.add (local.get $row) (local.get $block)))
        (local.set $weight (local.get $weights))
        (local.set $tap (local.get $taps))
        (local.set $sum0 (v128.const i32x4 8192 8192 8192 8192))
        (local.set $sum1 (local.get $sum0))
        (local.set $sum2 (local.get $sum0))
        (local.set $sum3 (local.get $sum0))
        (loop $two
          (local.set $pair (v128.load32_splat (local.get $weight)))
          (local.set $above (v128.load (local.get $at)))
          (local.set $below (v128.load (i32.add (local.get $at) (local.get $stride))))
          (local.set $mixed (i8x16.shuffle 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 23
            (local.get $above) (local.get $below)))
          (local.set $sum0 (i32x4.add (local.get $sum0) (i32x4.dot_i16x8_s (local.get $pair)
            (i16x8.extend_low_i8x16_u (local.get $mixed)))))
          (local.set $sum1 (i32x4.add (local.get $sum1) (i32x4.dot_i16x8_s (local.get $pair)
            (i16x8.extend_high_i8x16_u (local.get $mixed)))))
          (local.set $mixed (i8x16.shuffle 8 24 9 25 10 26 11 27 12 28 13 29 14 30 15 31
            (local.get $above) (local.get $below)))
          (local.set $sum2 (i32x4.add (local.get $sum2) (i32x4.dot_i16x8_s (local.get $pair)
            (i16x8.extend_low_i8x16_u (local.get $mixed)))))
          (local.set $sum3 (i32x4.add (local.get $sum3) (i32x4.dot_i16x8_s (local.get $pair)
            (i16x8.extend_high_i8x16_u (local.get $mixed)))))
          (local.set $at (i32.add (local.get $at) (i32.shl (local.get $stride) (i32.const 1))))
          (local.set $weight (i32.add (local.get $weight) (i32.const 4)))
          (br_if $two (local.tee $tap (i32.sub (local.get $tap) (i32.const 2)))))
        (v128.store (i32.add (local.get $target) (local.get $block))
          (i8x16.narrow_i16x8_u
            (i16x8.narrow_i32x4_s
              (i32x4.shr_s (local.get $sum0) (i32.const 14)) (i32x4.shr_s (local.get $sum1) (i32.const 14)))
            (i16x8.narrow_i32x4_s
              (i32x4.shr_s (local.get $sum2) (i32.const 14)) (i32x4.shr_s (local.get $sum3) (i32.const 14)))))
        (br_if $across
          (i32.lt_u (local.tee $block (i32.add (local.get $block) (i32.const 16))) (local.get $stride))))
      (local.set $weights (local.get $weight))
      (local.set $starts (i32.add (local.get $starts) (i32.const 4)))
      (local.set $target (i32.add (local.get $target) (local.get $stride)))
      (br_if $down (local.tee $rows (i32.sub (local.get $rows) (i32.const 1))))))

  ;; Pulls the channels apart: three planes of `width` * `height` bytes each, one after another at `target`. `width` is
  ;; a multiple of 16. `mirrored` is 1 to turn each row around, else 0.
  (func (export "splitPlanes")
    (param $source i32) (param $target i32) (param $width i32) (param $height i32) (param $mirrored i32)
    (local $plane i32) (local $x i32) (local $out i32) (local $step i32)
    (local $order v128) (local $channels v128)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128) (local $low v128) (local $high v128)
    (local.set $plane (i32.mul (local.get $width) (local.get $height)))
    (local.set $channels (v128.const i8x16 0 4 8 12 1 5 9 13 2 6 10 14 3 7 11 15))
    (local.set $order (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15))
    (local.set $step (i32.const 16))
    (if (local.get $mirrored) (then
      (local.set $order (v128.const i8x16 15 14 13 12 11 10 9 8 7 6 5 4 3 2 1 0))
      (local.set $step (i32.const -16))))
    (loop $down
      (local.set $out (local.get $target))
      (if (local.get $mirrored) (then
        (local.set $out (i32.add (local.get $target) (i32.sub (local.get $width) (i32.const 16))))))
      (local.set $x (local.get $width))
      (loop $across
        (local.set $a (i8x16.swizzle (v128.load (local.get $source)) (local.get $channels)))
        (local.set $b (i8x16.swizzle (v128.load offset=16 (local.get $source)) (local.get $channels)))
        (local.set $c (i8x16.swizzle (v128.load offset=32 (local.get $source)) (local.get $channels)))
        (local.set $d (i8x16.swizzle (v128.load offset=48 (local.get $source)) (local.get $channels)))
        (local.set $low (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $a) (local.get $b)))
        (local.set $high (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $c) (local.get $d)))
        (v128.store (local.get $out) (i8x16.swizzle
          (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $low) (local.get $high))
          (local.get $order)))
        (v128.store (i32.add (local.get $out) (local.get $plane)) (i8x16.swizzle
          (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $low) (local.get $high))
          (local.get $order)))
        (v128.store (i32.add (local.get $out) (i32.shl (local.get $plane) (i32.const 1))) (i8x16.swizzle
          (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23
            (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $a) (local.get $b))
            (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $c) (local.get $d)))
          (local.get $order)))
        (local.set $source (i32.add (local.get $source) (i32.const 64)))
        (local.set $out (i32.add (local.get $out) (local.get $step)))
        (br_if $across (local.tee $x (i32.sub (local.get $x) (i32.const 16)))))
      (local.set $target (i32.add (local.get $target) (local.get $width)))
      (br_if $down (local.tee $height (i32.sub (local.get $height) (i32.const 1))))))

  ;; Copies pixels in another order. `source` is where the first one is, `right` and `down` are the ways, in bytes, from
  ;; there to the next of a row and of a column.
  (func (export "turn")
    (param $source i32) (param $target i32) (param $width i32) (param $height i32) (param $right i32) (param $down i32)
    (local $from i32) (local $end i32)
    (loop $rows
      (local.set $from (local.get $source))
      (local.set $end (i32.add (local.get $target) (i32.shl (local.get $width) (i32.const 2))))
      (loop $across
        (i32.store (local.get $target) (i32.load (local.get $from)))
        (local.set $from (i32.add (local.get $from) (local.get $right)))
        (br_if $across
          (i32.lt_u (local.tee $target (i32.add (local.get $target) (i32.const 4))) (local.get $end))))
      (local.set $source (i32.add (local.get $source) (local.get $down)))
      (br_if $rows (local.tee $height (i32.sub (local.get $height) (i32.const 1))))))

  ;; Makes each channel anew from the three, four pixels at a time.
  ;; `weights`: for R, G and B four i16 with 12 bits behind the point: of R, of G, of B, and 0.
  (func (export "mixChannels") (param $source i32) (param $target i32) (param $pixels i32) (param $weights i32)
    (local $four v128) (local $redGreen v128) (local $blue v128) (local $half v128)
    (local $red1 v128) (local $red2 v128) (local $green1 v128) (local $green2 v128) (local $blue1 v128) (local $blue2 v128)
    (local.set $red1 (v128.load32_splat (local.get $weights)))
    (local.set $red2 (v128.load32_splat offset=4 (local.get $weights)))
    (local.set $green1 (v128.load32_splat offset=8 (local.get $weights)))
    (local.set $green2 (v128.load32_splat offset=12 (local.get $weights)))
    (local.set $blue1 (v128.load32_splat offset=16 (local.get $weights)))
    (local.set $blue2 (v128.load32_splat offset=20 (local.get $weights)))
    (local.set $half (v128.const i32x4 2048 2048 2048 2048))
    (loop $next
      (local.set $four (v128.load (local.get $source)))
      (local.set $redGreen (i8x16.swizzle (local.get $four)
        (v128.const i8x16 0 -1 1 -1 4 -1 5 -1 8 -1 9 -1 12 -1 13 -1)))
      (local.set $blue (i8x16.swizzle (local.get $four)
        (v128.const i8x16 2 -1 -1 -1 6 -1 -1 -1 10 -1 -1 -1 14 -1 -1 -1)))
      (v128.store (local.get $target) (i8x16.swizzle
        (i8x16.narrow_i16x8_u
          (i16x8.narrow_i32x4_s
            (i32x4.shr_s (i32x4.add (local.get $half) (i32x4.add
              (i32x4.dot_i16x8_s (local.get $redGreen) (local.get $red1))
              (i32x4.dot_i16x8_s (local.get $blue) (local.get $red2)))) (i32.const 12))
            (i32x4.shr_s (i32x4.add (local.get $half) (i32x4.add
              (i32x4.dot_i16x8_s (local.get $redGreen) (local.get $green1))
              (i32x4.dot_i16x8_s (local.get $blue) (local.get $green2)))) (i32.const 12)))
          (i16x8.narrow_i32x4_s
            (i32x4.shr_s (i32x4.add (local.get $half) (i32x4.add
              (i32x4.dot_i16x8_s (local.get $redGreen) (local.get $blue1))
              (i32x4.dot_i16x8_s (local.get $blue) (local.get $blue2)))) (i32.const 12))
            (v128.const i32x4 0 0 0 0)))
        (v128.const i8x16 0 4 8 12 1 5 9 13 2 6 10 14 3 7 11 15)))
      (local.set $source (i32.add (local.get $source) (i32.const 16)))
      (local.set $target (i32.add (local.get $target) (i32.const 16)))
      (br_if $next (i32.gt_s (local.tee $pixels (i32.sub (local.get $pixels) (i32.const 4))) (i32.const 0)))))

  ;; RGBX to RGB, four pixels at a time. Writes up to 16 bytes past the last pixel.
  (func (export "packRgb") (param $source i32) (param $target i32) (param $pixels i32)
    (loop $four
      (v128.store (local.get $target) (i8x16.swizzle (v128.load (local.get $source))
        (v128.const i8x16 0 1 2 4 5 6 8 9 10 12 13 14 -1 -1 -1 -1)))
      (local.set $source (i32.add (local.get $source) (i32.const 16)))
      (local.set $target (i32.add (local.get $target) (i32.const 12)))
      (br_if $four (i32.gt_s (local.tee $pixels (i32.sub (local.get $pixels) (i32.const 4))) (i32.const 0)))))

  ;; RGB to RGBX, four pixels at a time; X is 0. Writes up to 16 bytes past the last pixel.
  (func (export "widenRgb") (param $source i32) (param $target i32) (param $pixels i32)
    (loop $four
      (v128.store (local.get $target) (i8x16.swizzle (v128.load (local.get $source))
        (v128.const i8x16 0 1 2 -1 3 4 5 -1 6 7 8 -1 9 10 11 -1)))
      (local.set $source (i32.add (local.get $source) (i32.const 12)))
      (local.set $target (i32.add (local.get $target) (i32.const 16)))
      (br_if $four (i32.gt_s (local.tee $pixels (i32.sub (local.get $pixels) (i32.const 4))) (i32.const 0))))))
