"""Reference values for latent/ and metrics/ from scikit-learn and SciPy. Run: python3 make.py > values.json"""
import json
import numpy as np
from scipy.stats import spearmanr
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from sklearn.manifold import trustworthiness

random = np.random.RandomState(1)
rounded = lambda x: np.round(np.asarray(x), 12).tolist()

agreement = []
for classes, mix in [(2, 0.1), (3, 0.3), (4, 0.5), (5, 1.0), (7, 0.2), (1, 0.0)]:
    a = random.randint(0, classes, 60)
    b = np.where(random.rand(60) < mix, random.randint(0, classes + 1, 60), (a + 1) % max(classes, 1))
    agreement.append({"a": a.tolist(), "b": b.tolist(), "ari": adjusted_rand_score(b, a),
                      "nmi": normalized_mutual_info_score(b, a)})

points = np.round(random.randn(80, 5) @ np.diag([3, 2, 1, 0.5, 0.1]) @ random.randn(5, 5) + 7, 6)
pca = PCA(svd_solver="full").fit(points)

blobs = np.round(np.concatenate([random.randn(40, 3) + centre for centre in ([0, 0, 0], [4, 1, 0], [0, 5, 2], [3, 3, 6])]), 6)
start = blobs[[0, 45, 90, 130]]
kmeans = KMeans(4, init=start, n_init=1, tol=0, max_iter=500).fit(blobs)

x = np.round(random.randn(40), 1)
y = np.round(x + random.randn(40), 1)

line = random.randn(50, 4)
flat = line[:, :2] + 0.2 * random.randn(50, 2)

print(json.dumps({
    "agreement": agreement,
    "pca": {"points": points.tolist(), "mean": rounded(pca.mean_), "components": rounded(pca.components_),
            "variance": rounded(pca.explained_variance_), "ratio": rounded(pca.explained_variance_ratio_)},
    "kmeans": {"points": blobs.tolist(), "start": start.tolist(), "centres": rounded(kmeans.cluster_centers_),
               "labels": kmeans.labels_.tolist(), "inertia": kmeans.inertia_},
    "spearman": {"x": x.tolist(), "y": y.tolist(), "rho": spearmanr(x, y)[0]},
    "trustworthiness": {"points": rounded(line), "embedding": rounded(flat),
                        "k5": trustworthiness(line, flat, n_neighbors=5), "k12": trustworthiness(line, flat, n_neighbors=12)},
    "quantiles": {"x": x.tolist(), "fractions": [0, 0.05, 0.5, 0.77, 1],
                  "values": np.quantile(x, [0, 0.05, 0.5, 0.77, 1]).tolist()},
}))
