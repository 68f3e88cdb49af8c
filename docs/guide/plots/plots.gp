# SPDX-License-Identifier: MIT
# Draws the plots of docs/guide/03-optimizers.md from the output of guide_03_paths, and the plot of
# docs/guide/06-embedding.md from the output of 09_targets. Called by scripts/draw_guide.sh, which
# sets `out` to the output directory.
set terminal svg size 640,300 font "sans-serif,13" background "#ffffff"
path(rule, lr, steps) = sprintf("<guide_03_paths %s %g %d", rule, lr, steps)

# Paths in the valley, with lines of equal J(a, b) = (a^2 + 20 b^2) / 2.
set parametric
set trange [0:2*pi]
set samples 48
set xrange [-2.4:4.4]
set yrange [-1.15:1.15]
set xtics 1
set ytics 0.5
set xlabel "a"
set ylabel "b" rotate by 0
set tics nomirror
set border 3
set key outside bottom center horizontal Left reverse samplen 2
array level[6] = [0.3, 1.2, 3.0, 6.0, 11.0, 18.0]
east(i) = sqrt(2 * level[i])
north(i) = sqrt(level[i] / 10.0)
set style line 1 lc rgb "#999999" lw 1.5 pt 7 ps 0.45
set style line 2 lc rgb "#c0392b" lw 1.5 pt 7 ps 0.45
set style line 3 lc rgb "#1f5f99" lw 1 pt 6 ps 0.6

set output out."/sgd.svg"
plot for [i=1:6] east(i)*cos(t), north(i)*sin(t) lc rgb "#dddddd" notitle, \
  path("sgd", 0.01, 30) using 2:3 with linespoints ls 1 title "η = 0.01", \
  path("sgd", 0.09, 30) using 2:3 with linespoints ls 2 title "η = 0.09"

set output out."/momentum.svg"
plot for [i=1:6] east(i)*cos(t), north(i)*sin(t) lc rgb "#dddddd" notitle, \
  path("sgd", 0.02, 30) using 2:3 with linespoints ls 1 title "SGD, η = 0.02", \
  path("momentum", 0.02, 30) using 2:3 with linespoints ls 2 title "Momentum"

set output out."/nag.svg"
plot for [i=1:6] east(i)*cos(t), north(i)*sin(t) lc rgb "#dddddd" notitle, \
  path("momentum", 0.02, 30) using 2:3 with linespoints ls 1 title "Momentum", \
  path("nag", 0.02, 30) using 2:3 with linespoints ls 2 title "NAG: θ", \
  path("nag", 0.02, 30) using 5:6 with points ls 3 title "gradient taken"

set output out."/adagrad.svg"
plot for [i=1:6] east(i)*cos(t), north(i)*sin(t) lc rgb "#dddddd" notitle, \
  path("sgd", 0.03, 30) using 2:3 with linespoints ls 1 title "SGD, η = 0.03", \
  path("adagrad", 0.5, 30) using 2:3 with linespoints ls 2 title "AdaGrad, η = 0.5"

set output out."/adam.svg"
plot for [i=1:6] east(i)*cos(t), north(i)*sin(t) lc rgb "#dddddd" notitle, \
  path("rmsprop", 0.2, 30) using 2:3 with linespoints ls 1 title "RMSProp, η = 0.2", \
  path("adam", 0.2, 30) using 2:3 with linespoints ls 2 title "Adam, η = 0.2"

# Loss curves.
unset parametric
set xrange [0:200]
set yrange [1e-4:30]
set logscale y
set format y "10^{%T}"
set xtics 50
set ytics 10
set xlabel "step"
set ylabel "J"
set output out."/rmsprop.svg"
plot path("adagrad", 0.2, 200) using 1:4 with lines ls 1 title "AdaGrad, η = 0.2", \
  path("rmsprop", 0.05, 200) using 1:4 with lines ls 2 title "RMSProp, η = 0.05", \
  path("rmsprop", 0.2, 200) using 1:4 with lines ls 3 title "RMSProp, η = 0.2"

# Predicted and measured widths; on the line they are equal.
unset logscale
set format y "%g"
set xrange [0:2.6]
set yrange [0:2.6]
set xtics 0.5
set ytics 0.5
set xlabel "measured width of the petals in cm"
set ylabel "predicted" rotate by 90
set key off
set size ratio -1
set terminal svg size 480,420
set output out."/petals.svg"
plot x lc rgb "#999999", "<09_targets" with points pt 7 ps 0.6 lc rgb "#c0392b"
