"""Reference values for latent/ and metrics/ from scikit-learn and SciPy. Run: python3 make.py > values.json"""
import json
import numpy as np
from scipy.cluster.hierarchy import linkage
from scipy.sparse.csgraph import dijkstra
from scipy.spatial.distance import mahalanobis
from scipy.stats import binom, gaussian_kde, spearmanr
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import LocalOutlierFactor, kneighbors_graph
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

parts = np.repeat([0, 1, 2, 3], 40)
mixture = GaussianMixture(4, weights_init=np.full(4, 0.25), tol=0, max_iter=3000,
                          means_init=[blobs[parts == c].mean(0) for c in range(4)],
                          precisions_init=[np.linalg.inv(np.cov(blobs[parts == c].T, bias=True) + 1e-6 * np.eye(3))
                                           for c in range(4)]).fit(blobs)
links = {name: linkage(line, name) for name in ("ward", "average", "complete", "single")}
graph = kneighbors_graph(blobs, 6, mode="distance").toarray()
ways = dijkstra(np.maximum(graph, graph.T), directed=False, indices=[0, 70])
covariance = np.linalg.inv(np.cov(blobs.T))

print(json.dumps({
    "agreement": agreement,
    "pca": {"points": points.tolist(), "mean": rounded(pca.mean_), "components": rounded(pca.components_),
            "variance": rounded(pca.explained_variance_), "ratio": rounded(pca.explained_variance_ratio_)},
    "kmeans": {"points": blobs.tolist(), "start": start.tolist(), "centres": rounded(kmeans.cluster_centers_),
               "labels": kmeans.labels_.tolist(), "inertia": kmeans.inertia_},
    "spearman": {"x": x.tolist(), "y": y.tolist(), "rho": spearmanr(x, y)[0]},
    "trustworthiness": {"points": rounded(line), "embedding": rounded(flat),
                        "k5": trustworthiness(line, flat, n_neighbors=5), "k12": trustworthiness(line, flat, n_neighbors=12)},
    "mixture": {"from": parts.tolist(), "weights": rounded(mixture.weights_), "means": rounded(mixture.means_),
                "covariances": rounded(mixture.covariances_), "bic": mixture.bic(blobs),
                "logLikelihood": mixture.score(blobs) * len(blobs), "shares": rounded(mixture.predict_proba(blobs[::10]))},
    "bicOfOne": GaussianMixture(1).fit(blobs).bic(blobs),
    "links": {name: rounded(link) for name, link in links.items()},
    "outlierFactors": rounded(-LocalOutlierFactor(12).fit(blobs).negative_outlier_factor_),
    "mahalanobis": rounded([mahalanobis(x, blobs.mean(0), covariance) for x in blobs]),
    "ways": {"neighbours": 6, "sources": [0, 70], "distances": np.where(np.isinf(ways), -1, np.round(ways, 12)).tolist()},
    "kernelLogDensity": rounded(gaussian_kde(blobs.T).logpdf(line[:, :3].T)),
    "binomial": [{"count": k, "of": n, "low": int(binom.ppf(0.025, n, k / n)), "high": int(binom.ppf(0.975, n, k / n))}
                 for k, n in [(1, 4), (3, 10), (50, 100), (7, 1000), (993, 1000), (4321, 10000), (3, 100000), (61000, 85656)]],
    "quantiles": {"x": x.tolist(), "fractions": [0, 0.05, 0.5, 0.77, 1],
                  "values": np.quantile(x, [0, 0.05, 0.5, 0.77, 1]).tolist()},
}))
