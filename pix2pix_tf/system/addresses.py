"""The address book: where the files lie that this package downloads, and the digests they are known by.

A digest is SHA-256 in hexadecimal, "md5:..." where only that is published, and None where nothing is.
"""

_PIX2PIX = "http://efrosgans.eecs.berkeley.edu/pix2pix/datasets"
_CYCLEGAN = "https://efrosgans.eecs.berkeley.edu/cyclegan/datasets"
_FID = "https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights"
_APPLICATIONS = "https://storage.googleapis.com/tensorflow/keras-applications"

_CYCLEGAN_DIGESTS = {  # as TensorFlow Datasets registers them for its cycle_gan, url_checksums/cycle_gan.txt
    "apple2orange": "845a191e9af8926408ea597001cd03a452e3300a1f44a79fe329b3d59f6e3eb8",
    "cezanne2photo": "3a6c10ca21f9485862f1cbd707744b9dc258954a04631271d23a3605eeb63cff",
    "horse2zebra": "a74d9d392eecca9966b51287a76ca126af473d9de4f3e8fc0e9cda08fa1730a1",
    "iphone2dslr_flower": "8fcb5e374d631b107e1d961b8c4cd0a186aa2a4ff3e279923f4c426128de7113",
    "monet2photo": "88f91b00fc228f97c9411fbf1880ec1d119c98f1722e4cfcfaa2fb35fac05b04",
    "summer2winter_yosemite": "167fe1726807a9d22bd106b4a6c0bd7953b688af924ac1bf967439c4961e49f9",
    "ukiyoe2photo": "02a2a2fb5ecf425ca1bf86aca7304377da64a2a1d3b86df54eb65e4068bf3b08",
    "vangogh2photo": "362c3473e70be0944bda08d49d660eafdc2854df55d697835b8186d1d79caaff",
}

ARCHIVES = {  # of the public sets: address and digest
    **{
        name: (f"{_PIX2PIX}/{name}.tar.gz", None)
        for name in ("facades", "maps", "edges2shoes", "edges2handbags", "night2day")
    },
    **{name: (f"{_CYCLEGAN}/{name}.zip", digest) for name, digest in _CYCLEGAN_DIGESTS.items()},
}
WEIGHTS = {  # of networks that make features: address and digest; Keras publishes MD5 only
    "inception": (
        f"{_FID}/pt_inception-2015-12-05-6726825d.pth",
        "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2",
    ),
    "keras-inception": (
        f"{_APPLICATIONS}/inception_v3/inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "md5:bcbd6486424b2319ff4ef7d526e38f63",
    ),
    "vgg16": (
        f"{_APPLICATIONS}/vgg16/vgg16_weights_tf_dim_ordering_tf_kernels.h5",
        "md5:64373286793e3c8b2b4e3219cbf3544b",
    ),
}
LAYERS = {  # of networks whose layers make a perceptual loss: address and digest
    "vgg19": (
        f"{_APPLICATIONS}/vgg19/vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "md5:253f8cb515780f3b799900260a226db6",
    ),
}
