"""What the package asks of the machine and its libraries: files, downloads, memory, kernels."""
