/** @file The public list, in the order of the pipeline. What is not here may change without notice. */

// core
export { type ErrorCode, IolausError } from "./core/errors.js";
export type { OnProgress, Progress } from "./core/progress.js";
export { type Random, seededRandom } from "./core/random.js";
export type { Defocus, Optics, ImageGrid, ParticleSource, Poses, Rotations, Volume } from "./core/types.js";
// engine
export { type AdamOptions, type AdamState, adamStep, copyAdamState } from "./engine/adam.js";
export { adamRowsRest } from "./engine/adam-rest.js";
export { type AdamRowsState, adamRowsStep, copyAdamRowsState, newAdamRowsState } from "./engine/adam-rows.js";
export { type Arrays, type Compiled, type CompileOptions, compile, type EngineName } from "./engine/compile.js";
export { type ComplexTensor, dft, inverseDft, inverseRealDft2, realDft2 } from "./engine/dft.js";
export { chooseEngine, type EngineChoice } from "./engine/engines.js";
export { type ExportOnnxOptions, exportOnnx } from "./engine/export-onnx.js";
export { groupNormalise } from "./engine/group-normalise.js";
export { releaseIdleSessions } from "./engine/session.js";
export type { Program, Shapes } from "./engine/tracing.js";
// geometry
export { type Direction, healpixCentre } from "./geometry/healpix.js";
export { asymmetricUnit } from "./geometry/asymmetric-unit.js";
export { hopfChildren, hopfGrid, hopfRotation, hopfSpacingRad } from "./geometry/hopf-grid.js";
export {
  eulerFromRotation,
  geodesicRad,
  type Matrix3,
  quaternionFromRotation,
  randomRotation,
  rotationAt,
  rotationFromEuler,
  rotationFromQuaternion,
  rotationFromVector,
  rotationsOf,
  vectorFromRotation,
} from "./geometry/rotation.js";
export { symmetryOperators } from "./geometry/symmetry.js";
// optics
export { ctf, ctfPhase, electronWavelength } from "./optics/ctf.js";
// io
export {
  formatCryodrgnPoses,
  readCryodrgnCtfs,
  readCryodrgnIndices,
  readCryodrgnPoses,
} from "./io/cryodrgn.js";
export { type CsParticles, joinCs } from "./io/cs-join.js";
export { type CsAlignments, csAlignments, csPoseColumns } from "./io/cs-poses.js";
export { type CsColumn, type CsTable, csNumbers, csTexts, csUids, readCs, writeCs } from "./io/cs-table.js";
export {
  type ExportedParticles,
  type ExportParticlesOptions,
  exportParticles,
  type ParticleResults,
} from "./io/export-particles.js";
export { type CryodrgnRunFiles, writeCryodrgnLatents } from "./io/cryodrgn-latents.js";
export { type ExportStarOptions, exportStar } from "./io/export-star.js";
export type { ForeignClass, ForeignRun } from "./io/foreign-run.js";
export { type MrcMap, readMrcMap, readVolume, writeVolume } from "./io/mrc.js";
export type { MrcNumbers, ReadMrcOptions } from "./io/mrc-header.js";
export { createStackWriter, type MrcStack, openMrcStack } from "./io/mrc-stack.js";
export { validateMrc } from "./io/mrc-validate.js";
export { type NpyArray, npyNumbers, readNpy } from "./io/npy.js";
export { type OpenParticlesOptions, openParticles, type Particles } from "./io/particles.js";
export { type PickleValue, readPickle, readPickles } from "./io/pickle.js";
export { type OpenLatentsOptions, openLatents } from "./io/open-latents.js";
export { readStar, type StarBlock, type StarFile, type StarTable } from "./io/star.js";
export { poseColumns, readPoses } from "./io/star-poses.js";
export { type StarColumns, textColumns } from "./io/star-table.js";
export { writeStar } from "./io/star-write.js";
// imaging
export { type BackProjection, type BackProjectOptions, backProject } from "./imaging/back-projection.js";
export { type BeadModel, beadModel, beadVolume, type Domain, type Species } from "./imaging/bead-model.js";
export { type FourierRaster, rasterFromVolume } from "./imaging/fourier-raster.js";
export { type PreparedParticles, type PrepareOptions, prepare } from "./imaging/prepare.js";
export { openPrepared, type PreparedReader } from "./imaging/prepared-reader.js";
export type { ContrastSign } from "./imaging/contrast-sign.js";
export { type ShuffledRow, type ShuffledRowsOptions, shuffledRows } from "./imaging/shuffled-rows.js";
export { type ImageCensus, imageCensus } from "./imaging/image-census.js";
export { particleSubset } from "./imaging/particle-subset.js";
export { drawTruths, type Recipe, type SimulatedImage, simulate, type Truth } from "./imaging/simulate.js";
export { type ViewAverage, type ViewAveragesOptions, viewAverages } from "./imaging/view-averages.js";
// field
export { decodeVolume } from "./field/decode.js";
export { createFieldEvaluator, type FieldEvaluator } from "./field/evaluator.js";
export { type Field, type FieldConfig, fieldPresets, initialiseField } from "./field/field.js";
export { rasterise } from "./field/rasterise.js";
export { createFieldTrainer, type FieldBatch, type FieldTrainer, newFieldOptimiser } from "./field/trainer.js";
// pose
export { defaultSearchPlan, type PlanOptions } from "./pose/default-plan.js";
export type { SearchPlan } from "./pose/plan.js";
export type { FieldAnchor, PoseReference } from "./pose/reference-raster.js";
export type { PoseSearch, SearchResult } from "./pose/search.js";
export { createSearchPool } from "./pose/search-pool.js";
export type { PoseEstimates } from "./pose/pose-estimates.js";
export { type SearchPosesOptions, searchPoses } from "./pose/search-poses.js";
// conformation
export type { AxisEvidence } from "./conformation/count-axes.js";
export {
  type ConformationOptions,
  type Conformations,
  conformationDefaults,
  conformationVolume,
  findConformations,
} from "./conformation/find-conformations.js";
export { axisLatents, latentDistance, latentMetric } from "./conformation/latent-metric.js";
export type { LinearSubspace } from "./conformation/linear-subspace.js";
// mixture
export { reconstructMixture } from "./mixture/reconstruct.js";
export type { Settings } from "./mixture/batch-plan.js";
export type { PaperOptions } from "./mixture/paper-schedule.js";
export { defaultSchedule, type Schedule } from "./mixture/schedule.js";
export type {
  Assignments,
  Joining,
  MixtureCheckpoint,
  MixtureOptions,
  MixtureState,
  PaperMixtureOptions,
} from "./mixture/state.js";
// encoder
export { type EncoderConfig, encoderPresets } from "./encoder/encoder.js";
export type { Decoder, EncoderMode, EncoderOptions, Teacher } from "./encoder/encoder-options.js";
export { DOUBTS, type InferenceChunk, type InferOptions, inferImages } from "./encoder/infer.js";
export { type EncoderState, trainEncoder } from "./encoder/train-encoder.js";
export { type Encoder, readEncoder, writeEncoder } from "./encoder/trained-encoder.js";
// latent
export {
  type AgglomerationOptions,
  agglomerate,
  cutTree,
  type Linkage,
  type MergeTree,
} from "./latent/agglomeration.js";
export {
  type AnalysisOptions,
  analyseLatents,
  canBeAnalysed,
  componentView,
  type LatentAnalysis,
  umapView,
} from "./latent/analysis.js";
export { kernelLogDensity, neighbourLogDensity } from "./latent/density.js";
export {
  type GaussianMixture,
  type GaussianMixtureOptions,
  gaussianMixture,
  gaussianMixtureByBic,
  mixtureResponsibilities,
} from "./latent/gaussian-mixture.js";
export { type Geodesics, geodesics, wayThrough, wayTo } from "./latent/geodesics.js";
export { type KernelWeights, type KernelWeightsOptions, kernelWeights } from "./latent/kernel-weights.js";
export { type Clusters, type KMeansOptions, kMeans } from "./latent/kmeans.js";
export { type LatentSpace, latentSpace, latentSpaces, type ParticleLatents } from "./latent/latent-space.js";
export { analysisColumns, centreColumns, latentsFromTable, type TableColumns } from "./latent/latent-tables.js";
export { type Neighbours, type NeighbourTree, nearestNeighbours, neighbourTree } from "./latent/nearest-neighbours.js";
export { neighbourGraph, type WeightedGraph } from "./latent/neighbour-graph.js";
export { localOutlierFactors, mahalanobisDistances } from "./latent/outliers.js";
export { type HasKeys, type ParticleSet, particleSet } from "./latent/particle-set.js";
export { type PrincipalComponents, pointAlong, principalComponents, projectOnto } from "./latent/pca.js";
export { type LatentPoints, pointsAt } from "./latent/points.js";
export {
  type LatentView,
  type ParticleQuantity,
  selectClass,
  selectCluster,
  selectPolygon,
  selectProbability,
  selectRange,
} from "./latent/select-by.js";
export {
  both,
  either,
  minus,
  not,
  type Selection,
  selectAll,
  selectionHistory,
  selectionRows,
  selectKeys,
} from "./latent/selection.js";
export { readSelection, writeSelection } from "./latent/selection-file.js";
export { trustworthiness } from "./latent/trustworthiness.js";
export { fitUmap, placePoints, type UmapModel, type UmapOptions, umap } from "./latent/umap.js";
// metrics
export { binomialInterval } from "./metrics/binomial-interval.js";
export { adjustedRandIndex, adjustedRandIndexOfTable } from "./metrics/adjusted-rand-index.js";
export { type ConfusionError, confusionError } from "./metrics/confusion-error.js";
export {
  type ClassMatch,
  type ConfusionTable,
  confusionTable,
  confusionTableOf,
  matchClasses,
  restrictToColumns,
} from "./metrics/confusion-table.js";
export {
  type FourierShellCorrelation,
  fourierShellCorrelation,
  fscArea,
  resolutionAngstrom,
} from "./metrics/fourier-shell-correlation.js";
export {
  crossingAngstrom,
  type HalfMapResolution,
  type HalfMapResolutionOptions,
  halfMapResolution,
} from "./metrics/half-map-resolution.js";
export { type InformationImbalance, informationImbalance } from "./metrics/information-imbalance.js";
export { type LocalResolutionOptions, localResolution } from "./metrics/local-resolution.js";
export { guinierBFactor, lowPassFiltered, sharpened, weightedByFsc } from "./metrics/map-filter.js";
export { type DetectedSymmetry, type DetectSymmetryOptions, detectSymmetry } from "./metrics/detect-symmetry.js";
export { type MapCharacter, mapCharacter } from "./metrics/map-character.js";
export {
  type ClassFinding,
  type DiagnosedClass,
  type DiagnosisOptions,
  diagnoseClasses,
  type FindingCode,
} from "./metrics/map-diagnosis.js";
export { type LabelStability, labelStability } from "./metrics/label-stability.js";
export { type NeighbourhoodSimilarity, neighbourhoodSimilarity } from "./metrics/neighbourhood-similarity.js";
export { type ImageMaps, type PerImageFsc, type PerImageFscOptions, perImageFsc } from "./metrics/per-image-fsc.js";
export { type PoseDistribution, poseDistribution, poseLeakage } from "./metrics/pose-distribution.js";
export {
  normalisedMutualInformation,
  normalisedMutualInformationOfTable,
} from "./metrics/normalised-mutual-information.js";
export { median, quantile } from "./metrics/quantile.js";
export { type RotationError, rotationError } from "./metrics/rotation-error.js";
export { shiftError } from "./metrics/shift-error.js";
export { type DensityMaskOptions, densityMask, type SphericalMaskOptions, sphericalMask } from "./metrics/soft-mask.js";
export { checkPoses, type PoseCheck, type PoseFault } from "./metrics/pose-check.js";
export { pearson, spearman } from "./metrics/spearman.js";
export { alignVolume, type VolumeAlignment } from "./metrics/volume-alignment.js";
// plot
export { assignmentEntropy } from "./plot/assignment-entropy.js";
export { type ClassAveragesRow, classAverages } from "./plot/class-averages.js";
export { classOccupancy } from "./plot/class-occupancy.js";
export { classSimplex } from "./plot/class-simplex.js";
export { confusionFigure } from "./plot/confusion-figure.js";
export { type ConvergenceStep, convergence } from "./plot/convergence.js";
export { ctfCurves } from "./plot/ctf-curves.js";
export { defocusDistribution } from "./plot/defocus-distribution.js";
export type { Figure } from "./plot/figure.js";
export { fscCurve } from "./plot/fsc-curve.js";
export { histogram } from "./plot/histogram.js";
export { type ImageFscGroup, imageFsc } from "./plot/image-fsc.js";
export { isosurface } from "./plot/isosurface.js";
export { latentDensity } from "./plot/latent-density.js";
export { latentScatter } from "./plot/latent-scatter.js";
export { latentTrajectory, type Trajectory } from "./plot/latent-trajectory.js";
export { type Movie, type MovieOptions, movie } from "./plot/movie.js";
export { powerSpectrum } from "./plot/power-spectrum.js";
export { orthogonalSlices } from "./plot/orthogonal-slices.js";
export { particleMontage } from "./plot/particle-montage.js";
export { type RunStep, runProgress } from "./plot/run-progress.js";
export { inTheme, type Theme } from "./plot/theme.js";
export { type TrainingStep, trainingCurve } from "./plot/training-curve.js";
export { viewingDirections } from "./plot/viewing-directions.js";
// run
export { type AnalyzeOptions, analysisFigures, analyzeRun, type RunAnalysis, type StateRow } from "./run/analyze.js";
export { type CheckDataOptions, checkData, type DataCheck } from "./run/check-data.js";
export { dataFigures } from "./run/data-figures.js";
export type { Finding } from "./run/data-findings.js";
export { attachRun } from "./run/attach-run.js";
export { type ChimeraxOptions, writeChimeraxBundle } from "./run/chimerax-bundle.js";
export type { PassClasses } from "./run/class-history.js";
export { compareRuns } from "./run/compare-runs.js";
export { chosenRotations } from "./run/chosen-rotations.js";
export type { DataMaps } from "./run/data-maps.js";
export { type Evaluation, evaluate, type SpeciesScore } from "./run/evaluate.js";
export { type ExportRunOptions, exportRun } from "./run/export-run.js";
export { type InferRunOptions, infer } from "./run/infer-run.js";
export type { ClassSummary } from "./run/class-summary.js";
export { type PathBetweenOptions, pathAlongAxis, pathBetween } from "./run/latent-paths.js";
export { openRun, type Run } from "./run/open-run.js";
export type { ParticleColumns, RunParticles } from "./run/particle-table.js";
export type { ProgressRow } from "./run/progress-log.js";
export { reconstruct } from "./run/reconstruction.js";
export { convergenceSteps, runSteps } from "./run/report-figures.js";
export { type RunEncoderOptions, runEncoder } from "./run/run-encoder.js";
export type { RunInProgress, RunReport } from "./run/run-in-progress.js";
export type { RunManifest } from "./run/run-manifest.js";
export type { ReconstructionOptions } from "./run/run-options.js";
export { type RunStability, runStability } from "./run/run-stability.js";
export { readRecipe, type SimulatedFiles, type SimulateOptions, simulateFiles } from "./run/simulate-files.js";
export { type StateAverage, type StateAverageOptions, stateAverage } from "./run/state-average.js";
export { readTruth } from "./run/truth.js";
export { type StateValidation, type ValidateStateOptions, validateState } from "./run/validate-state.js";
export { type VolumesAlongOptions, volumeAt, volumesAlong } from "./run/volumes-along.js";
export { type WriteVolumesOptions, type WrittenVolumes, writeVolumes } from "./run/write-volumes.js";
