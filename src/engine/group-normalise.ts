/**
 * @file Group normalisation (Wu & He 2018) as a tensor program with a gradient of its own.
 *
 *     y = s_c (x − μ) / √(σ² + ε) + o_c       μ, σ² over the pixels and channels of one group of one image
 *
 * What tfjs would derive passes over the image some twenty times. Written out, y is a line in x and dx a line in
 * dy and x, whose coefficients are one number per image and channel:
 *
 *     dx = dy · s/σ − x · Q/(n σ²) + …        Q = Σ dy s x̂ over the group, from Σ dy and Σ dy x of each channel
 *
 * σ² is the mean square less the squared mean: right to 1e-7 (1 + μ²/σ²). Sums of squares and of dy x are taken from
 * products of a few channels with one another, which go through memory once where a product and a sum go twice.
 */
import * as tf from "@tensorflow/tfjs";
import { check } from "../core/errors.js";

/** `x`: [batch channels rows columns] → the same shape. `scale`, `offset`: [channels]. `groups` divides the channels. */
export function groupNormalise(
  x: tf.Tensor4D,
  scale: tf.Tensor,
  offset: tf.Tensor,
  { groups, epsilon = 1e-5 }: { readonly groups: number /** @default 1e-5 */; readonly epsilon?: number },
): tf.Tensor4D {
  const [batch, channels, rows, columns] = x.shape;
  check(groups > 0 && channels % groups === 0, "groups", `a divisor of ${channels} channels`, groups);
  const pixels = rows * columns;
  const members = channels / groups;
  const size = members * pixels;
  // The products of channels with others are thrown away: few at a time, then.
  const block = [16, 8, 4, 2].find((n) => channels % n === 0) ?? 1;
  const perChannel = (t: tf.Tensor): tf.Tensor => tf.reshape(t, [1, groups, members, 1]);

  const normalise = tf.customGrad((...args) => {
    const [x, scale, offset, save] = args as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const ofGroup = (t: tf.Tensor): tf.Tensor => tf.reshape(t, [batch, groups, 1, 1]);
    const mean = ofGroup(tf.mean(tf.reshape(x, [batch, groups, size]), 2));
    const square = ofGroup(tf.div(tf.sum(tf.reshape(products(x, x), [batch, groups, members]), 2), size));
    const variance = tf.relu(tf.sub(square, tf.square(mean)));
    const inverse = tf.rsqrt(tf.add(variance, epsilon));
    const slope = tf.mul(perChannel(scale), inverse);
    const value = line(x, slope, tf.sub(perChannel(offset), tf.mul(mean, slope)));
    save([x, scale, mean, inverse]);
    return {
      value,
      gradFunc: (dy, saved) => {
        const [x, scale, mean, inverse] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
        const sum = (t: tf.Tensor): tf.Tensor =>
          tf.reshape(tf.sum(tf.reshape(t, [batch * channels, pixels]), 1), [batch, groups, members, 1]);
        const plain = sum(dy as tf.Tensor);
        const along = tf.mul(tf.sub(products(dy as tf.Tensor, x), tf.mul(mean, plain)), inverse); // Σ dy x̂
        const weights = perChannel(scale);
        const p = tf.div(tf.sum(tf.mul(weights, plain), 2, true), size);
        const q = tf.div(tf.sum(tf.mul(weights, along), 2, true), size);
        const slope = tf.neg(tf.mul(tf.square(inverse), q));
        const rest = tf.neg(tf.add(tf.mul(inverse, p), tf.mul(slope, mean)));
        const tiled = (t: tf.Tensor): tf.Tensor => tf.tile(t, [1, 1, members, 1]);
        const dx = tf.add(
          tf.reshape(
            tf.mul(tf.reshape(dy as tf.Tensor, [batch, groups, members, pixels]), tf.mul(weights, inverse)),
            x.shape,
          ),
          line(x, tiled(slope), tiled(rest)),
        );
        return [dx, tf.reshape(tf.sum(along, 0), [channels]), tf.reshape(tf.sum(plain, 0), [channels])];
      },
    };
  });

  /** Σ a b over the pixels of every image and channel: [batch groups members 1]. */
  function products(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
    const blocks = (t: tf.Tensor): tf.Tensor => tf.reshape(t, [(batch * channels) / block, block, pixels]);
    const all = tf.mul(tf.matMul(blocks(a), blocks(b), false, true), tf.eye(block));
    return tf.reshape(tf.sum(all, 2), [batch, groups, members, 1]);
  }

  /** a x + b, with one a and one b per image and channel: [batch groups members 1]. */
  function line(x: tf.Tensor, a: tf.Tensor, b: tf.Tensor): tf.Tensor {
    return tf.reshape(tf.add(tf.mul(tf.reshape(x, [batch, groups, members, pixels]), a), b), x.shape);
  }

  return normalise(x, scale, offset) as tf.Tensor4D;
}
