"""Runs in Keras's environment: reads "epoch" lines, trains for one, answers with a line of JSON.

The model is the report's (784-100-(2+2), 2-100-784) with its loss: cross-entropy averaged over
pixels and summed over the batch, plus KL averaged over the batch. It is written as Keras's VAE
example is: a `Sampling` layer and a `train_step` of its own, which `fit` compiles. It is compiled
once, in the turn that warms up; later epochs go on with the same model, which favours Keras.
"""

import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
answers = os.fdopen(os.dup(1), "w")  # whatever else is printed must not look like an answer
os.dup2(2, 1)

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from keras import layers, ops  # noqa: E402

HIDDEN, LATENT = 100, 2


class Sampling(layers.Layer):
    def __init__(self, **options):
        super().__init__(**options)
        self.seed_generator = keras.random.SeedGenerator(0)

    def call(self, inputs):
        mean, log_var = inputs
        noise = keras.random.normal(shape=ops.shape(mean), seed=self.seed_generator)
        return mean + ops.exp(0.5 * log_var) * noise


class VAE(keras.Model):
    def __init__(self, pixels, **options):
        super().__init__(**options)
        x = keras.Input(shape=(pixels,))
        hidden = layers.Dense(HIDDEN, activation="relu")(x)
        mean, log_var = layers.Dense(LATENT)(hidden), layers.Dense(LATENT)(hidden)
        self.encoder = keras.Model(x, [mean, log_var, Sampling()([mean, log_var])])
        z = keras.Input(shape=(LATENT,))
        hidden = layers.Dense(HIDDEN, activation="relu")(z)
        self.decoder = keras.Model(z, layers.Dense(pixels)(hidden))
        self.trackers = {
            name: keras.metrics.Mean(name=name) for name in ("loss", "reconstruction", "penalty")
        }

    @property
    def metrics(self):
        return list(self.trackers.values())

    def train_step(self, data):
        with tf.GradientTape() as tape:
            mean, log_var, z = self.encoder(data)
            logits = self.decoder(z)
            losses = keras.losses.binary_crossentropy(data, logits, from_logits=True)
            reconstruction = ops.sum(losses)
            penalty = ops.mean(
                ops.sum(0.5 * (ops.square(mean) + ops.exp(log_var) - 1 - log_var), axis=1)
            )
            loss = reconstruction + penalty
        gradients = tape.gradient(loss, self.trainable_weights)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_weights, strict=True))
        for name, value in (
            ("loss", loss),
            ("reconstruction", reconstruction),
            ("penalty", penalty),
        ):
            self.trackers[name].update_state(value)
        return {name: tracker.result() for name, tracker in self.trackers.items()}


def main(path, batch_size, learning_rate, threads):
    tf.config.threading.set_intra_op_parallelism_threads(int(threads))
    pixels = np.load(path)
    model = VAE(pixels.shape[1])
    model.compile(optimizer=keras.optimizers.Adam(float(learning_rate)))
    answer({"tensorflow": tf.__version__, "keras": keras.__version__})
    for line in sys.stdin:
        if line.strip() != "epoch":
            continue
        history = model.fit(pixels, epochs=1, batch_size=int(batch_size), verbose=0)
        answer({"loss": float(history.history["loss"][0])})


def answer(value):
    print(json.dumps(value), file=answers, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
