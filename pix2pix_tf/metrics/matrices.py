"""The linear algebra of covariances: factors without square roots of matrices, sums of singular values."""

import functools

import numpy as np
import scipy.linalg
import threadpoolctl

SMALL = 512  # up to it singular values are computed directly


def factor(covariance):
    """Return F (rank, d) with F^T F = covariance, by Cholesky's method with pivots, which stops where rank does."""
    with one_thread():
        upper, pivots, rank, _ = scipy.linalg.lapack.dpstrf(covariance)
    rows = np.empty((rank, len(covariance)))
    rows[:, pivots - 1] = np.triu(upper)[:rank]
    return rows


def nuclear_norm(matrix):
    """Return the sum of a matrix's singular values.

    Eigenvalues of a large matrix's square are several times as fast, and cost digits only in singular values under
    1e-8 of the largest.
    """
    if min(matrix.shape) <= SMALL:
        with one_thread():
            return scipy.linalg.svdvals(matrix).sum()
    square = matrix @ matrix.T if matrix.shape[0] <= matrix.shape[1] else matrix.T @ matrix
    with one_thread():
        return np.sqrt(np.maximum(scipy.linalg.eigvalsh(square), 0)).sum()


def one_thread():
    """Keep linear algebra to one thread for a while.

    Decompositions call it a few thousand times for little each, and threads that wait for each other on a busy machine
    cost far more than a second one gains: 2048 eigenvalues took 2 s with one thread and 30 s with two.
    """
    return _libraries().limit(limits=1, user_api="blas")


@functools.cache
def _libraries():
    """Find the loaded linear algebra libraries, once."""
    return threadpoolctl.ThreadpoolController()
