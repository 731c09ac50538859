"""Reference values for latent/umap from umap-learn. Run: python3 make.py > values.json"""
import json
import numpy as np
from sklearn.manifold import trustworthiness
import umap
from umap.umap_ import find_ab_params, fuzzy_simplicial_set

random = np.random.RandomState(1)


def latents(n):
    """Points in 8 dimensions as a run has them: a curve (a motion), two islands (states), a sheet (two motions)."""
    quarter = n // 4
    t, u, v = random.rand(quarter), random.rand(quarter), random.rand(quarter)
    curve = np.c_[np.cos(4 * t), np.sin(4 * t), t] @ random.randn(3, 8)
    sheet = np.c_[u, v, np.sin(5 * u) / 3] @ random.randn(3, 8) + 4
    islands = np.concatenate([0.3 * random.randn(quarter, 8) + 3 * random.randn(8) for _ in range(2)])
    points = np.concatenate([curve, sheet, islands])
    return np.round(points + 0.1 * random.randn(*points.shape), 4)


points = latents(800)
small = points[::20]
graph = fuzzy_simplicial_set(small, 8, np.random.RandomState(1), "euclidean")[0].toarray()
scores = [trustworthiness(points, umap.UMAP(random_state=s).fit_transform(points), n_neighbors=15) for s in (1, 2, 3)]
fitted = umap.UMAP(random_state=1).fit(points[::2])
placed = fitted.transform(points[1::2])
joined = np.empty((800, 2))
joined[::2], joined[1::2] = fitted.embedding_, placed
print(json.dumps({
    "points": points.tolist(),
    "curves": [{"minDistance": m, "ab": list(find_ab_params(1, m))} for m in (0.0, 0.1, 0.5)],
    "graph": {"every": 20, "neighbours": 8, "weights": np.round(graph.astype(float), 7).tolist()},
    "trustworthiness": scores,
    "trustworthinessPlaced": trustworthiness(points, joined, n_neighbors=15),
}))
