// SPDX-License-Identifier: MIT
#pragma once

#include <xgrad/xgrad.hpp>

#include <filesystem>
#include <string>
#include <vector>

/// Returns the names of the models that make_model() creates:
///
/// - "mlp": Linear layers with ReLU between them.
/// - "lenet": LeNet-5 (LeCun et al. 1998) with max pooling and ReLU.
/// - "2c2d": the network of that name in DeepOBS (Schneider et al. 2019), with its initial values.
/// - "vgg": four 3 x 3 convolutions with batch normalization and ReLU, in three blocks that end
/// with
///   max pooling (after Simonyan and Zisserman 2015), then dropout and a Linear layer.
std::vector<std::string> model_names();

/// Creates a model with random initial values.
/// @param name    one of model_names()
/// @param row     shape of a row of the data, for example {1, 28, 28}
/// @param classes number of outputs
/// @param hidden  widths of the hidden layers of "mlp"; the other models ignore them
/// @param rng     generator of the initial values
/// Throws OptionError if the name is unknown, or if a convolutional model cannot take such rows.
xgrad::nn::Sequential make_model(const std::string& name, const xgrad::Shape& row,
                                 std::size_t classes, const std::vector<std::size_t>& hidden,
                                 xgrad::Rng& rng);

/// Returns for example "784-128-10" for "mlp", and "lenet (61706 parameters)" for another model.
std::string describe(const std::string& name, const xgrad::nn::Module& model);

/// A model with the shape of its input rows and its number of classes.
struct LoadedModel {
  xgrad::nn::Sequential model;
  xgrad::Shape row;
  std::size_t classes = 0;
};

/// Loads a model from a file that train_mnist --save wrote. The names and the shapes of the tensors
/// tell which model it is. Throws DataError if the file does not contain such a model.
LoadedModel load_model(const std::filesystem::path& file);
