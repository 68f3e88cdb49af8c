// SPDX-License-Identifier: MIT
#include <xgrad/core/error.hpp>
#include <xgrad/datasets/mnist.hpp>

#include <datasets/idx_files.hpp>
#include <support/scratch.hpp>
#include <support/tensors.hpp>

#include <gtest/gtest.h>

#include <array>
#include <numeric>

namespace xgrad {
namespace {

using datasets::Dataset;
using datasets::Split;
using test::idx;

std::string message_of_mnist(const std::filesystem::path& directory, Split split = Split::train) {
  return test::message_of<DataError>([&] { datasets::mnist(directory, split); });
}

// Writes a training set of three images of 2 x 2 pixels.
void write_small_train(const Scratch& scratch, const std::string& labels = "\x05\x01\x09") {
  write_bytes(scratch / "train-images-idx3-ubyte", idx({3, 2, 2}, "abcdefghijkl"));
  write_bytes(scratch / "train-labels-idx1-ubyte",
              idx({static_cast<std::uint32_t>(labels.size())}, labels));
}

constexpr const char* kAdvice = "; the folder datasets/mnist of xgrad's sources has all four files";

TEST(MnistTest, FindsBothStylesOfFileNamesCompressedOrNot) {
  for (const std::string separator : {"-", "."}) {
    for (const bool packed : {false, true}) {
      for (const Split split : {Split::train, Split::test}) {
        const Scratch scratch;
        const auto write = [&](const std::string& name, const std::string& bytes) {
          const std::string part = split == Split::train ? "train-" : "t10k-";
          const std::filesystem::path file = scratch / (part + name + (packed ? ".gz" : ""));
          packed ? test::write_gzip(file, bytes) : write_bytes(file, bytes);
        };
        write("images" + separator + "idx3-ubyte",
              idx({2, 1, 2}, std::string("\x00\xFF\x33\x66", 4)));
        write("labels" + separator + "idx1-ubyte", idx({2}, "\x07\x02"));
        SCOPED_TRACE(separator + (packed ? " packed" : " plain"));
        EXPECT_EQ(message_of_mnist(scratch.path(), split), "nothing thrown");
      }
    }
  }
}

TEST(MnistTest, MakesRowsOfPixelsBetweenZeroAndOne) {
  const Scratch scratch;
  write_bytes(scratch / "t10k-images.idx3-ubyte",
              idx({2, 1, 2}, std::string("\x00\xFF\x33\x66", 4)));
  write_bytes(scratch / "t10k-labels.idx1-ubyte", idx({2}, "\x07\x02"));
  const Dataset data = datasets::mnist(scratch.path(), Split::test);
  EXPECT_EQ(data.size(), 2u);
  EXPECT_EQ(data.features(), 2u);
  EXPECT_EQ(data.classes(), 10u);
  EXPECT_EQ(data.class_names().back(), "9");
  std::array<Scalar, 4> x{};
  std::array<std::int32_t, 2> y{};
  data.gather(std::array<std::size_t, 2>{1, 0}, x.data(), y.data());
  EXPECT_FLOAT_EQ(static_cast<float>(x[0]), 0.2f);
  EXPECT_FLOAT_EQ(static_cast<float>(x[1]), 0.4f);
  EXPECT_FLOAT_EQ(static_cast<float>(x[2]), 0.0f);
  EXPECT_FLOAT_EQ(static_cast<float>(x[3]), 1.0f);
  EXPECT_EQ(y, (std::array<std::int32_t, 2>{2, 7}));
}

TEST(MnistTest, SaysWhereToGetTheDataWhenTheDirectoryIsMissing) {
  const Scratch scratch;
  EXPECT_EQ(message_of_mnist(scratch / "absent"),
            "[mnist] " + (scratch / "absent").string() + " is not a directory" + kAdvice);
  EXPECT_NE(message_of_mnist("some-folder")
                .find((std::filesystem::current_path() / "some-folder").string()),
            std::string::npos);
}

TEST(MnistTest, SaysWhichFileIsMissingAndWhereToGetIt) {
  const Scratch scratch;
  EXPECT_EQ(message_of_mnist(scratch.path()),
            "[mnist] " + scratch.path().string() +
                " has no train-images-idx3-ubyte or train-images.idx3-ubyte, with .gz or without" +
                kAdvice);
  write_small_train(scratch);
  EXPECT_EQ(message_of_mnist(scratch.path()), "nothing thrown");
  std::filesystem::remove(scratch / "train-labels-idx1-ubyte");
  EXPECT_EQ(message_of_mnist(scratch.path()),
            "[mnist] " + scratch.path().string() +
                " has no train-labels-idx1-ubyte or train-labels.idx1-ubyte, with .gz or without" +
                kAdvice);
  EXPECT_NE(message_of_mnist(scratch.path(), Split::test).find("t10k-images"), std::string::npos);
}

TEST(MnistTest, HasMnistNeedsAllFourFiles) {
  const Scratch scratch;
  const std::vector<std::string> files = {"train-images-idx3-ubyte", "train-labels.idx1-ubyte.gz",
                                          "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte"};
  for (const std::string& file : files) {
    EXPECT_FALSE(datasets::has_mnist(scratch.path())) << file;
    write_bytes(scratch / file, "content");
  }
  EXPECT_TRUE(datasets::has_mnist(scratch.path()));
}

TEST(MnistTest, AFolderWithTheNameOfAFileDoesNotCount) {
  const Scratch scratch;
  write_small_train(scratch);
  std::filesystem::rename(scratch / "train-images-idx3-ubyte", scratch / "train-images.idx3-ubyte");
  std::filesystem::create_directory(scratch / "train-images-idx3-ubyte");
  EXPECT_EQ(datasets::mnist(scratch.path(), Split::train).size(), 3u);
}

TEST(MnistTest, RejectsImagesAndLabelsOfDifferentCounts) {
  const Scratch scratch;
  write_small_train(scratch, "\x01\x02");
  EXPECT_EQ(
      message_of_mnist(scratch.path()),
      "[mnist] every image needs one label: " + (scratch / "train-images-idx3-ubyte").string() +
          " holds 3 images, " + (scratch / "train-labels-idx1-ubyte").string() + " holds 2 labels");
}

TEST(MnistTest, RejectsLabelsAboveNine) {
  const Scratch scratch;
  write_small_train(scratch, "\x01\x09\x0A");
  EXPECT_EQ(message_of_mnist(scratch.path()),
            "[mnist] " + (scratch / "train-labels-idx1-ubyte").string() +
                ": offset 10: expected a label from 0 to 9, found 10");
}

TEST(MnistTest, RejectsSwappedImageAndLabelFiles) {
  const Scratch scratch;
  write_bytes(scratch / "train-images-idx3-ubyte", idx({3}, "\x01\x02\x03"));
  write_bytes(scratch / "train-labels-idx1-ubyte", idx({3, 2, 2}, "abcdefghijkl"));
  EXPECT_EQ(
      message_of_mnist(scratch.path()),
      "[idx] " + (scratch / "train-labels-idx1-ubyte").string() +
          ": offset 0: expected 0x00000801 (unsigned bytes, dimensions: 1), found 0x00000803");
}

// Tests with the MNIST files in datasets/mnist.
class RealMnistTest : public ::testing::Test {
 protected:
  static std::array<int, 10> rows_of_each_class(const Dataset& data) {
    std::array<int, 10> count{};
    for (const std::int32_t label : data.labels()) ++count[static_cast<std::size_t>(label)];
    return count;
  }

  // Returns the sum of the bytes of an image.
  static long ink(const Dataset& data, std::size_t row) {
    std::vector<Scalar> x(data.features());
    data.gather(std::array{row}, x.data(), nullptr);
    const double sum = std::accumulate(x.begin(), x.end(), 0.0);
    return std::lround(sum * 255);
  }

  const std::filesystem::path directory_ = XGRAD_SOURCE_DIR "/datasets/mnist";
};

TEST_F(RealMnistTest, TheTrainingSplitIsTheOriginalOne) {
  const Dataset data = datasets::mnist(directory_, Split::train);
  EXPECT_EQ(data.size(), 60000u);
  EXPECT_EQ(data.features(), 784u);
  EXPECT_EQ(data.row_shape(), (Shape{1, 28, 28}));
  EXPECT_EQ(rows_of_each_class(data),
            (std::array<int, 10>{5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949}));
  EXPECT_EQ(data.labels()(0), 5);
  EXPECT_EQ(ink(data, 0), 27525);
  EXPECT_EQ(ink(data, 59999), 20920);
}

TEST_F(RealMnistTest, TheTestSplitIsTheOriginalOne) {
  const Dataset data = datasets::mnist(directory_, Split::test);
  EXPECT_EQ(data.size(), 10000u);
  EXPECT_EQ(rows_of_each_class(data),
            (std::array<int, 10>{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009}));
  EXPECT_EQ(data.labels()(0), 7);
  EXPECT_EQ(ink(data, 0), 18454);
  EXPECT_EQ(ink(data, 9999), 41833);
}

TEST(FashionMnistTest, ReadsThePackageOrNamesTheCommandThatInstallsIt) {
  if (!datasets::has_mnist("/usr/share/datasets/fashion-mnist")) {
    const std::string message =
        test::message_of<DataError>([] { datasets::fashion_mnist(datasets::Split::train); });
    EXPECT_TRUE(message.starts_with("[fashion_mnist] /usr/share/datasets/fashion-mnist"));
    EXPECT_TRUE(
        message.ends_with("; install the files with: sudo apt-get install "
                          "dataset-fashion-mnist"));
    return;
  }
  const datasets::Dataset test = datasets::fashion_mnist(datasets::Split::test);
  EXPECT_EQ(test.size(), 10000u);
  EXPECT_EQ(test.row_shape(), (Shape{1, 28, 28}));
  EXPECT_EQ(test.class_names()[9], "Ankle boot");
  EXPECT_EQ(std::count(test.labels().begin(), test.labels().end(), 3), 1000);
}

}  // namespace
}  // namespace xgrad
