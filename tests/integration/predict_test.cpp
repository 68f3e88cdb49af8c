// SPDX-License-Identifier: MIT
// Checks what `predict` prints, and its errors.
#include "integration/predict_program.hpp"

#include "datasets/idx_files.hpp"

namespace xgrad {
namespace {

using test::idx, test::Outcome, test::pgm, test::PredictTest;

TEST_F(PredictTest, DrawsTheDigitOnATerminal) {
  write("image",
        pgm("P5", 2, 2, [](std::size_t x, std::size_t y) { return x == 1 && y == 1 ? 255 : 0; }));
  const Outcome outcome = run_on_terminal("export TERM=dumb", "net image");
  if (outcome.status == 127)
    GTEST_SKIP() << "script(1), which provides a terminal, is not installed";
  EXPECT_EQ(outcome.out, "    \r\n  @@\r\nclass 3  probabilities 0.1749 0.1749 0.1749 0.4754\r\n");
  EXPECT_EQ(run("net image").out.rfind("class 3", 0), 0u);
  // Two pixels need four columns.
  EXPECT_EQ(run_on_terminal("stty cols 4", "net image").out, outcome.out);
  EXPECT_EQ(run_on_terminal("stty cols 3", "net image").out.rfind("class 3", 0), 0u);
  EXPECT_EQ(run_on_terminal("export COLUMNS=3", "net image").out.rfind("class 3", 0), 0u);
}

TEST_F(PredictTest, ClassifiesWithANetOfThreeLayersFromTrainMnist) {
  ASSERT_EQ(run(XGRAD_TRAIN_MNIST, "--epochs 2 --hidden 12,11 --lr 0.01 --save deep").status, 0);
  write("image", idx({1, 8, 8}, std::string(64, '\x40')));
  const Outcome outcome = run("deep image");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '.'), 10) << outcome.out;
}

// A net of one kernel that returns the pixel at its middle, and one that returns the pixel at the
// left with its sign changed.
TEST_F(PredictTest, DrawsKernelsAndFeatureMaps) {
  nn::Sequential lenet = make_lenet();
  train::save_parameters(scratch / "lenet", lenet);
  std::string pixels(28 * 28, '\0');
  pixels[28 * 14 + 10] = '\xFF';
  write("image", idx({1, 28, 28}, pixels));
  const Outcome outcome = run("lenet image --features features.png");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  ASSERT_NE(png_image_begin_read_from_file(&png, (scratch / "features.png").c_str()), 0);
  png.format = PNG_FORMAT_GRAY;
  std::vector<std::uint8_t> drawn(PNG_IMAGE_SIZE(png));
  ASSERT_NE(png_image_finish_read(&png, nullptr, drawn.data(), 0, nullptr), 0);
  ASSERT_EQ(png.width, 848u);
  ASSERT_EQ(png.height, 248u);
  /// Returns a pixel of a cell of the picture.
  const auto at = [&](std::size_t row, std::size_t column, std::size_t y, std::size_t x) {
    return int{drawn[(8 + 120 * row + y) * 848 + 8 + 120 * column + x]};
  };
  EXPECT_EQ(at(0, 0, 50, 50), 255) << "no kernel stands above the image";
  EXPECT_EQ(at(1, 0, 4 * 14 + 2, 4 * 10 + 2), 255);
  EXPECT_EQ(at(1, 0, 4 * 14 + 2, 4 * 11 + 2), 0);
  EXPECT_EQ(at(0, 1, 55, 55), 255) << "the weight 1 of the first kernel";
  EXPECT_EQ(at(0, 1, 5, 5), 128) << "a weight of 0";
  EXPECT_EQ(at(0, 2, 55, 33), 0) << "the weight -1 of the second kernel";
  EXPECT_EQ(at(1, 1, 4 * 14 + 2, 4 * 10 + 2), 255);
  EXPECT_EQ(at(1, 2, 4 * 14 + 2, 4 * 11 + 2), 0) << "ReLU";

  expect_one_line("net image --features f.png", 1, "the images have 28 x 28 pixels");
  write("wide", idx({1, 14, 56}, pixels));
  expect_one_line(
      "lenet wide", 1,
      "the images have 56 x 14 pixels, but the network has inputs of shape (1, 28, 28)");
  write("images", idx({2, 28, 28}, pixels + pixels));
  expect_one_line("lenet images --features f.png", 2,
                  "[predict] --features needs one image, got 2; choose one with --index");
  write("square", idx({1, 2, 2}, "abcd"));
  expect_one_line("net square --features f.png", 2,
                  "[draw_features] the network must begin with a convolution, but its first weight "
                  "has the shape (4, 4)");
  expect_one_line("lenet image --features nowhere/f.png", 1,
                  "[write_png] " + (scratch / "nowhere/f.png").string() + ": cannot be written: ");
}

TEST_F(PredictTest, ANetThatDoesNotFitGivesAnErrorOfOneLine) {
  write("images", idx({1, 3, 2}, "abcdef"));
  expect_one_line("net images", 1,
                  "the images have 2 x 3 pixels, but the network has inputs of shape (4,)");
  write("square", pgm("P5", 2, 2, [](std::size_t, std::size_t) { return 0; }));
  nn::Sequential odd(nn::Linear(5, 2, rng));
  train::save_parameters(scratch / "odd", odd);
  expect_one_line("odd square", 1,
                  "odd: the network must have inputs for a square image, but it has 5");
  expect_one_line("nowhere square", 1, (scratch / "nowhere").string() + ": no such file");
  expect_one_line("square square", 1, "not a safetensors file");
  const auto expect_wrong = [&](const nn::Module& model, const std::string& message) {
    train::save_parameters(scratch / "wrong", model);
    expect_one_line("wrong square", 1, message);
  };
  expect_wrong(nn::Sequential(nn::ReLU(), nn::Linear(4, 2, rng)),
               "the file must contain \"0.weight\"");
  expect_wrong(nn::Sequential(nn::Linear(4, 3, rng), nn::ReLU(), nn::Linear(9, 2, rng)),
               "\"2.weight\" of shape (2, 9) must be a matrix with one column per output of the "
               "layer before");
  expect_wrong(nn::Sequential(nn::Linear(4, 3, rng), nn::Linear(3, 2, rng)),
               "the file's \"1.bias\" is not in the model");
  expect_wrong(nn::Sequential(nn::Conv2d(1, 6, 3, rng), nn::Flatten(), nn::Linear(6, 2, rng)),
               "\"0.weight\" belongs to a convolution, but the tensors are not those of a model of "
               "train_mnist for images of 28 x 28 or 8 x 8 pixels");
  const std::string header = R"({"0.weight":{"dtype":"F32","shape":[1000000,1000000],)"
                             R"("data_offsets":[0,0]}})";
  write("huge", std::string(1, static_cast<char>(header.size())) + std::string(7, '\0') + header);
  expect_one_line("huge square", 1, "\"0.weight\" needs 4000000000000 bytes, its place has 0");
}

TEST_F(PredictTest, LabelsThatDoNotFitGiveAnErrorOfOneLine) {
  write("images", idx({2, 2, 2}, "abcdefgh"));
  write("one", idx({1}, std::string(1, '\0')));
  write("nine", idx({2}, std::string("\0\x9", 2)));
  expect_one_line("net images --labels one", 1,
                  "one: every image must have one label, but there are 1 labels and 2 images");
  expect_one_line("net images --labels nine", 1,
                  "nine: every label must be below 4, the number of classes of the network, got 9");
}

TEST_F(PredictTest, OutputThatCannotBeWrittenGivesAnErrorOfOneLineAndStatus1) {
  write("image", pgm("P5", 2, 2, [](std::size_t x, std::size_t) { return x == 1 ? 255 : 0; }));
  write("images", idx({1, 2, 2}, "abcd"));
  write("labels", idx({1}, std::string(1, '\0')));
  expect_checks_its_output("--help");
  expect_checks_its_output("net image");
  expect_checks_its_output("net images --labels labels");
  // The output is larger than its buffer, so writing fails before the program ends.
  std::string pixels(20000, 'a');
  for (std::size_t i = 0; i < pixels.size(); i += 4) pixels[i] = 'b';
  write("many", idx({5000, 2, 2}, pixels));
  const Outcome outcome = run_in_shell("net many >/dev/full");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err.rfind("predict: standard output cannot be written", 0), 0u) << outcome.err;
}

TEST_F(PredictTest, AWrongOptionGivesAnErrorOfOneLineAndStatus2) {
  write("images", idx({2, 2, 2}, "abcdefgh"));
  expect_one_line("", 2, "net is required");
  expect_one_line("net", 2, "file is required");
  expect_one_line("net images --index 2", 2,
                  "[predict] --index must be below 2, the number of images, got 2");
  for (const char* index : {"-1", "nan", "0x0", "5x", "1e0", "99999999999999999999"}) {
    expect_one_line(
        std::string("net images --index ") + index, 2,
        "predict: --index: must be a whole number from 0 to 18446744073709551615, got \"" +
            std::string(index) + "\"; see --help\n");
  }
  expect_one_line("net images --index 0 --labels images", 2, "--labels excludes --index");
  expect_one_line("net images --size 3", 2, "--size");
  EXPECT_EQ(run("--help").status, 0);
}

}  // namespace
}  // namespace xgrad
