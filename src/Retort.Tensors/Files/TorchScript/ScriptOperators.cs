namespace Retort.Tensors.Files.TorchScript;

/// <summary>
/// The names that a program may use. The operators compute on tensors, numbers, lists and strings, and return what they
/// compute. Not among them: files (<c>save</c>, <c>from_file</c>), console (<c>print</c>), the process's random numbers
/// and settings, memory that is not initialized or addressed freely (<c>empty</c>, <c>as_strided</c>, <c>set_</c>),
/// gradients, threads, and other libraries' operators.
/// </summary>
static class ScriptOperators
{
    /// <summary>First names of dotted ones that are no variables.</summary>
    public static readonly IReadOnlySet<string> Roots = Set("torch ops CONSTANTS __torch__");

    /// <summary>Values with a name.</summary>
    public static readonly IReadOnlySet<string> Constants = Set("True False None inf nan");

    /// <summary>Functions without a dot that only compute.</summary>
    public static readonly IReadOnlySet<string> Builtins = Set("int float bool str range");

    /// <summary>Names that no variable may have: it would hide, or be taken for, something else.</summary>
    public static readonly IReadOnlySet<string> Reserved = Set(
        "torch ops CONSTANTS __torch__ True False None inf nan int float bool str range annotate uninitialized "
        + "unchecked_cast isinstance getattr hasattr setattr print fork super");

    static readonly HashSet<string> s_prim = Set(
        "NumToTensor RaiseException abs data device dtype is_cpu is_cuda is_mkldnn is_nested is_quantized is_sparse "
        + "layout max min requires_grad tolist type unchecked_unwrap_optional is_meta is_mps is_xpu");

    static readonly HashSet<string> s_aten =
    [
        // numbers, lists, dicts, strings
        .. Set(
            """
            Bool Float FloatImplicit Int IntImplicit ScalarImplicit __and__ __contains__
            __derive_index __getitem__ __is__ __isnot__ __lshift__ __not__ __or__ __range_length
            __rshift__ __round_to_zero_floordiv __xor__ _set_item _unwrap_optional append copy count
            dict extend find floordiv format index insert item items join keys len list
            mathremainder ord pop remove reverse sorted startswith endswith strip lower upper values
            get percentFormat device
            """),
        // asking a tensor
        .. Set(
            """
            dim size numel is_complex is_contiguous is_floating_point is_nonzero is_signed
            is_same_size is_autocast_enabled is_autocast_cpu_enabled is_grad_enabled is_scripting
            sym_size sym_numel element_size get_device stride result_type
            """),
        // making tensors
        .. Set(
            """
            arange eye full full_like linspace logspace new_full new_ones new_zeros ones ones_like
            scalar_tensor tensor as_tensor zeros zeros_like tril_indices triu_indices one_hot
            hann_window hamming_window
            """),
        // shapes
        .. Set(
            """
            alias atleast_1d atleast_2d atleast_3d broadcast_tensors broadcast_to cat chunk clone
            column_stack concat concatenate constant_pad_nd contiguous detach diag diag_embed
            diagonal dsplit dstack expand expand_as fill_diagonal_ flatten flip fliplr flipud gather
            hsplit hstack index_add index_copy index_fill index_put index_put_ index_select
            masked_fill masked_fill_ masked_scatter masked_select meshgrid movedim moveaxis narrow
            nonzero pad permute pixel_shuffle pixel_unshuffle channel_shuffle ravel repeat
            repeat_interleave reshape reshape_as roll rot90 scatter scatter_ scatter_add
            scatter_add_ scatter_reduce select select_scatter slice slice_scatter split
            split_with_sizes squeeze squeeze_ stack swapaxes swapdims t take take_along_dim
            tensor_split tile transpose transpose_ tril tril_ triu triu_ unbind unflatten unfold
            im2col col2im unsafe_chunk unsafe_split unsqueeze unsqueeze_ view view_as
            view_as_complex view_as_real vsplit vstack where numpy_T mT _unsafe_view pad_sequence
            expand_copy cpu cuda to type_as _shape_as_tensor _cast_Float _cast_Long _cast_Int
            _cast_Byte _cast_Double _cast_Half lift_fresh lift_fresh_copy fill_ zero_ copy_
            reflection_pad1d reflection_pad2d reflection_pad3d replication_pad1d replication_pad2d
            replication_pad3d adjoint
            """),
        // arithmetic
        .. Set(
            """
            abs abs_ absolute acos acosh add add_ addbmm addcdiv addcdiv_ addcmul addcmul_ addmm
            addmv addr angle asin asinh atan atan2 atanh baddbmm bitwise_and bitwise_not bitwise_or
            bitwise_xor bmm bucketize ceil ceil_ clamp clamp_ clamp_max clamp_max_ clamp_min
            clamp_min_ clip complex copysign cos cosh cosine_similarity cross cumprod cumsum cumsum_
            deg2rad det diff digamma dist div div_ divide dot einsum eq equal erf erf_ erfc erfinv
            exp exp2 exp_ expm1 fix float_power floor floor_ floor_divide fmax fmin fmod frac
            frobenius_norm ge ger gt hypot imag inner inverse isclose isfinite isin isinf isnan
            isneginf isposinf kron le lerp lerp_ lgamma linalg_det linalg_inv linalg_matmul
            linalg_matrix_norm linalg_norm linalg_vector_norm log log10 log1p log2 log_ logaddexp
            logcumsumexp logical_and logical_and_ logical_not logical_or logical_or_ logical_xor
            logsumexp lt matmul matrix_power maximum minimum mm mul mul_ multiply mv nan_to_num ne
            neg neg_ negative norm outer pairwise_distance cdist pow pow_ positive rad2deg real
            reciprocal reciprocal_ remainder round round_ rsqrt rsqrt_ rsub sgn sigmoid sigmoid_
            sign sin sinc sinh sqrt sqrt_ square sub sub_ subtract tan tanh tanh_ tensordot trace
            true_divide trunc trunc_ xlogy special_expit special_log1p special_erf polar
            """),
        // reductions and order
        .. Set(
            """
            all allclose amax amin aminmax any argmax argmin argsort argwhere bincount count_nonzero
            cummax cummin kthvalue max mean median min mode msort nanmean nansum prod quantile
            searchsorted sort std std_mean sum topk unique_consecutive _unique2 var var_mean
            """),
        // layers
        .. Set(
            """
            _adaptive_avg_pool2d _convolution _convolution_mode _log_softmax _masked_softmax
            _native_multi_head_attention _softmax _transform_bias_rescale_qkv
            _transformer_encoder_layer_fwd _trilinear _weight_norm _weight_norm_interface
            adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d
            adaptive_max_pool2d adaptive_max_pool3d affine_grid_generator alpha_dropout avg_pool1d
            avg_pool2d avg_pool3d batch_norm bilinear celu celu_ conv1d conv2d conv3d
            conv_transpose1d conv_transpose2d conv_transpose3d convolution dropout dropout_ elu elu_
            embedding embedding_bag feature_alpha_dropout feature_dropout feature_dropout_
            alpha_dropout_ gelu gelu_ glu grid_sampler group_norm gru gru_cell hardshrink
            hardsigmoid hardsigmoid_ hardswish hardswish_ hardtanh hardtanh_ instance_norm
            layer_norm leaky_relu leaky_relu_ linear log_sigmoid log_softmax logit lstm lstm_cell
            max_pool1d max_pool1d_with_indices max_pool2d max_pool2d_with_indices max_pool3d
            max_pool3d_with_indices max_unpool2d mish mish_ native_batch_norm native_group_norm
            native_layer_norm native_dropout prelu relu relu6 relu6_ relu_ renorm rms_norm rnn_relu
            rnn_relu_cell rnn_tanh rnn_tanh_cell rrelu scaled_dot_product_attention selu selu_ silu
            silu_ softmax softplus softshrink tanhshrink threshold threshold_ upsample_bicubic2d
            upsample_bilinear2d upsample_linear1d upsample_nearest1d upsample_nearest2d
            upsample_nearest3d upsample_trilinear3d _upsample_bicubic2d_aa _upsample_bilinear2d_aa
            _upsample_nearest_exact1d _upsample_nearest_exact2d _upsample_nearest_exact3d
            __interpolate __upsample __upsample_bilinear __upsample_nearest _nested_tensor_from_mask
            _nested_tensor_from_mask_left_aligned to_padded_tensor normalize
            """),
        // sound
        .. Set(
            """
            fft_fft fft_fft2 fft_fftn fft_fftshift fft_ifft fft_ifft2 fft_ifftn fft_ifftshift
            fft_irfft fft_irfft2 fft_irfftn fft_rfft fft_rfft2 fft_rfftn istft stft
            """),
    ];

    /// <summary>Whether a program may call <c>torch.name</c>, <c>ops.aten.name</c> or <c>ops.prim.name</c>.</summary>
    public static bool Contains(string path)
    {
        var parts = path.Split('.');
        return parts switch
        {
            ["torch", var name] => s_aten.Contains(name),
            ["ops", "aten", var name] => s_aten.Contains(name),
            ["ops", "prim", var name] => s_prim.Contains(name),
            _ => false,
        };
    }

    static HashSet<string> Set(string names) => [.. names.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)];
}
