// SPDX-License-Identifier: MIT
// Tests the reader of NumPy's files. tests/reference/npy_files.py wrote those in reference/npy.
#include <xgrad/core/error.hpp>
#include <xgrad/datasets/npy.hpp>

#include <support/scratch.hpp>
#include <support/tensors.hpp>

#include <gtest/gtest.h>

#include "idx_files.hpp"

namespace xgrad {
namespace {

using datasets::Dataset;
using datasets::read_npy;

const std::filesystem::path kNpyFolder = XGRAD_SOURCE_DIR "/tests/reference/npy";

/// Returns a file of version 1 with this header and these elements.
std::string npy_file(const std::string& header, const std::string& elements) {
  const std::string text = header + std::string(63 - (10 + header.size()) % 64, ' ') + "\n";
  return std::string("\x93NUMPY\1\0", 8) + static_cast<char>(text.size() % 256) +
         static_cast<char>(text.size() / 256) + text + elements;
}

std::string npy_file_of(const std::string& type, const std::string& shape,
                        const std::string& elements) {
  return npy_file("{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }",
                  elements);
}

/// Returns the error of read_npy for a file with this content, after the path.
std::string npy_complaint(const std::string& bytes) {
  const Scratch scratch;
  write_bytes(scratch / "x.npy", bytes);
  const std::string message = test::message_of<DataError>([&] { read_npy(scratch / "x.npy"); });
  const std::string start = "[npy] " + (scratch / "x.npy").string() + ": ";
  EXPECT_TRUE(message.starts_with(start)) << message;
  return message.substr(std::min(start.size(), message.size()));
}

TEST(NpyTest, ReadsAllTypesByteOrdersAndVersions) {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kNpyFolder)) {
    const std::string name = entry.path().filename().string();
    if (name == "fortran-cube.npy" || name == "halves.npy") continue;
    SCOPED_TRACE(name);
    const bool is_signed = name[0] == 'i' || (name[0] == 'f' && name[1] != 'o');
    std::vector<double> expected{is_signed ? -7.0 : 0.0, 1, 2, 3, 100, 0};
    if (name[0] == 'b') expected = {0, 1, 1, 1, 1, 0};
    const Array x = read_npy(entry.path());
    EXPECT_EQ(x.shape(), (Shape{2, 3}));
    EXPECT_EQ(test::numbers(x), expected);
    ++files;
  }
  EXPECT_EQ(files, 28u);
}

TEST(NpyTest, ReadsFortranOrderAndHalfPrecision) {
  const Array cube = read_npy(kNpyFolder / "fortran-cube.npy");
  EXPECT_EQ(cube.shape(), (Shape{2, 3, 4}));
  for (std::size_t i = 0; i < 24; ++i) EXPECT_EQ(cube.data()[i], static_cast<Scalar>(i));
  EXPECT_EQ(test::numbers(read_npy(kNpyFolder / "halves.npy")),
            (std::vector<double>{0.333251953125, 0x1p-24, 65504, -0x1p-14}));
}

TEST(NpyTest, BytesMayHaveFortranOrder) {
  const Scratch scratch;
  const std::string header = "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3)}";
  write_bytes(scratch / "x", npy_file(header, std::string("\0\1\2\3\4\5", 6)));
  write_bytes(scratch / "y", npy_file_of("|u1", "(2,)", std::string("\0\1", 2)));
  const Dataset data = datasets::npy(scratch / "x", scratch / "y");
  EXPECT_EQ(test::numbers(data.gather_all()), (std::vector<double>{0, 2, 4, 1, 3, 5}));
}

TEST(NpyTest, ReadsCompressedFiles) {
  const Scratch scratch;
  test::write_gzip(scratch / "x.npy.gz", read_bytes(kNpyFolder / "fortran.npy"));
  EXPECT_EQ(read_npy(scratch / "x.npy.gz"), read_npy(kNpyFolder / "fortran.npy"));
}

TEST(NpyTest, IntegersAreClassesAndFloatsAreTargets) {
  const Scratch scratch;
  const std::string floats("\0\0\x80\x3f\0\0\0\x40\0\0\0\xbf", 12);  // 1, 2, -0.5
  write_bytes(scratch / "x", npy_file_of("|u1", "(3, 1, 2)", {0, 1, 2, 3, 4, '\xff'}));
  write_bytes(scratch / "labels", npy_file_of("<i2", "(3,)", {1, 0, 0, 0, 2, 0}));
  write_bytes(scratch / "targets", npy_file_of("<f4", "(3, 1)", floats));
  const Dataset labelled = datasets::npy(scratch / "x", scratch / "labels");
  EXPECT_EQ(labelled.labels(), (Labels{1, 0, 2}));
  EXPECT_EQ(labelled.class_names(), (std::vector<std::string>{"0", "1", "2"}));
  EXPECT_EQ(labelled.row_shape(), (Shape{1, 2}));
  EXPECT_EQ(test::numbers(labelled.gather_all()), (std::vector<double>{0, 1, 2, 3, 4, 255}));
  const Dataset regression = datasets::npy(scratch / "x", scratch / "targets");
  EXPECT_EQ(test::numbers(regression.targets()), (std::vector<double>{1, 2, -0.5}));
  EXPECT_EQ(datasets::npy(scratch / "targets", scratch / "labels").size(), 3u);
}

TEST(NpyTest, RejectsFilesThatDoNotBelongTogether) {
  const Scratch scratch;
  const auto message = [&](const std::string& y) {
    write_bytes(scratch / "x", npy_file_of("|u1", "(2, 1)", {0, 1}));
    write_bytes(scratch / "y", y);
    std::string text =
        test::message_of<DataError>([&] { datasets::npy(scratch / "x", scratch / "y"); });
    for (std::size_t at; (at = text.find(scratch.path().string())) != std::string::npos;) {
      text.replace(at, scratch.path().string().size(), "");
    }
    return text;
  };
  EXPECT_EQ(message(npy_file_of("|u1", "(3,)", {0, 1, 2})),
            "[npy] both files must have the same number of rows: /x has the shape (2, 1), /y has "
            "the shape (3,)");
  EXPECT_EQ(message(npy_file_of("|i1", "(2,)", {0, '\xff'})),
            "[npy] /y: offset 129: expected a class label of at least 0, found -1");
  EXPECT_EQ(message(npy_file_of("|u1", "(2, 1)", {0, 1})),
            "[npy] /y: class labels must have the shape (rows), got (2, 1); save floats for "
            "targets");
  EXPECT_EQ(message(npy_file_of("|u1", "(2,)", {0, '\xc8'})),
            "[npy] /y: class labels must be 0 to classes - 1, but 2 labels up to 200 were found; "
            "save floats if they are numbers to predict");
}

TEST(NpyTest, TheNumberOfClassesMayBeGiven) {
  const Scratch scratch;
  write_bytes(scratch / "x", npy_file_of("|u1", "(2, 1)", {0, 1}));
  write_bytes(scratch / "y", npy_file_of("|u1", "(2,)", {0, 2}));
  write_bytes(scratch / "targets", npy_file_of("<f4", "(2,)", std::string(8, '\0')));
  const auto message = [&](const char* y, std::size_t classes) {
    return test::message_of<DataError>([&] { datasets::npy(scratch / "x", scratch / y, classes); });
  };
  EXPECT_EQ(datasets::npy(scratch / "x", scratch / "y").classes(), 3u);
  EXPECT_EQ(datasets::npy(scratch / "x", scratch / "y", 500).classes(), 500u);
  EXPECT_EQ(message("y", 2), "[npy] " + (scratch / "y").string() +
                                 ": offset 129: expected a class label in [0, 2), found 2");
  EXPECT_EQ(message("targets", 2),
            "[npy] " + (scratch / "targets").string() +
                ": class labels must be integers, got floats; leave out the number of classes to "
                "read targets");
}

TEST(NpyTest, RejectsTargetsThatAreNotFinite) {
  const Scratch scratch;
  write_bytes(scratch / "x", npy_file_of("|u1", "(2, 1)", {0, 1}));
  write_bytes(scratch / "y", npy_file_of("<f4", "(2,)", std::string("\0\0\0\0\0\0\xc0\x7f", 8)));
  EXPECT_EQ(
      test::message_of<DataError>([&] { datasets::npy(scratch / "x", scratch / "y"); }),
      "[npy] " + (scratch / "y").string() + ": offset 132: expected a finite number, found nan");
}

TEST(NpyTest, RejectsFilesThatAreCutShortOrPromiseTerabytes) {
  const std::string whole = npy_file_of("<f4", "(2, 2)", std::string(16, '\0'));
  EXPECT_EQ(npy_complaint(whole.substr(0, whole.size() - 3)),
            "offset 141: expected 3 more bytes, found the end of the file");
  EXPECT_EQ(npy_complaint(whole + "x"),
            "offset 144: expected the end of the file, found more bytes");
  EXPECT_EQ(npy_complaint(whole.substr(0, 5)),
            "offset 5: expected 3 more bytes, found the end of the file");
  EXPECT_EQ(npy_complaint(std::string("\x93NUMPY\2\0\1\0\x10\0", 12)),
            "offset 8: expected a header of at most 1 MiB, found 1048577");
  EXPECT_EQ(npy_complaint(npy_file_of("<f8", "(1000000, 1000000)", "few")),
            "offset 131: expected 1048573 more bytes, found the end of the file");
  EXPECT_EQ(npy_complaint(npy_file_of("<f8", "(4611686018427387904, 4)", "")),
            "offset 128: expected an array that fits in memory, found extent 4611686018427387904");
}

TEST(NpyTest, RejectsOtherFormats) {
  EXPECT_EQ(npy_complaint("a,b,class\n1,2,x\n"),
            "offset 0: expected a file of numpy.save, which begins with \\x93NUMPY, found other "
            "bytes");
  EXPECT_EQ(npy_complaint(std::string("\x93NUMPY\4\0", 8)),
            "offset 6: expected version 1, 2 or 3, found 4");
  for (const std::string type : {"<U4", "<c8", "<f16", "|O", "f4", "<f3", "|f4", "<b2", "<1 "}) {
    EXPECT_EQ(npy_complaint(npy_file_of(type, "(1,)", "")),
              "offset 10: expected a type of integers, floats or bools of 1 to 8 bytes, found \"" +
                  type + "\"");
  }
  const auto header_complaint = [](const std::string& header) {
    const std::string message = npy_complaint(npy_file(header, ""));
    EXPECT_TRUE(message.starts_with(
        "offset 10: expected a header with the keys descr, fortran_order and shape, found \"{"))
        << message;
    return message.substr(message.rfind(", in which ") + 11);
  };
  const std::string type = "'descr': '<f4', ", order = "'fortran_order': False, ";
  EXPECT_EQ(header_complaint("{'descr': [('a', '<f4')], " + order + "'shape': ()}"),
            "descr describes records");
  EXPECT_EQ(header_complaint("{'shape': (1,)}"), "the number of keys is not 3");
  EXPECT_EQ(header_complaint("{" + type + order + "'shape': (1,), 'a': 1}"),
            "the number of keys is not 3");
  EXPECT_EQ(header_complaint("{" + type + order + order + "'shape': (1,)}"),
            "the header has the name \"fortran_order\" twice");
  EXPECT_EQ(header_complaint("{" + type + order + "'shape': (1,)"),
            "the header is not a JSON object");
  for (const std::string shape : {"(-1,)", "(1.5,)", "1", "None", "(18446744073709551616,)"}) {
    EXPECT_TRUE(npy_complaint(npy_file_of("<f4", shape, "")).starts_with("offset 10: ")) << shape;
  }
  std::string extents;
  for (int i = 0; i < 33; ++i) extents += "1, ";
  EXPECT_EQ(header_complaint("{" + type + order + "'shape': (" + extents + ")}"),
            "the shape has more than 32 extents");
  EXPECT_EQ(npy_complaint(npy_file_of("<f4", "(1,)", std::string("\0\0\xc0\x7f", 4))),
            "offset 128: expected a finite number, found nan");
}

}  // namespace
}  // namespace xgrad
