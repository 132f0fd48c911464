default_scope = 'mmpose'
# A config that sets a list replaces this one: `[*_base_.custom_imports.imports, 'my_module']` and
# `[*_base_.custom_hooks, dict(type='MyHook')]` append.
custom_imports = dict(imports=['mmpose_multilat'], allow_failed_imports=False)

default_hooks = dict(
    timer=dict(type='IterTimerHook'),
    logger=dict(type='LoggerHook', interval=50),
    param_scheduler=dict(type='ParamSchedulerHook'),
    # The last epoch, to resume from, and the best one; a crash while saving takes neither away.
    checkpoint=dict(
        type='SafeCheckpointHook', interval=1, max_keep_ckpts=1, save_best='auto', rule='less'
    ),
    sampler_seed=dict(type='DistSamplerSeedHook'),
    visualization=dict(type='PoseVisualizationHook', enable=False),
    badcase=dict(
        type='BadCaseAnalysisHook',
        enable=False,
        out_dir='badcase',
        metric_type='loss',
        badcase_thr=5,
    ),
)

custom_hooks = [
    # The same statistics of batch normalisation on every GPU before validation.
    dict(type='SyncBuffersHook'),
    # A head whose heatmaps have another size than the codec's is refused before the first batch.
    dict(type='HeatmapSizeHook'),
    # A training step on a CPU is 1.2 to 1.5 times as fast; GPUs are left as they are.
    dict(type='ChannelsLastHook'),
]

env_cfg = dict(
    cudnn_benchmark=False,
    mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0),
    dist_cfg=dict(backend='nccl'),
)

vis_backends = [dict(type='LocalVisBackend')]
visualizer = dict(type='PoseLocalVisualizer', vis_backends=vis_backends, name='visualizer')

log_processor = dict(type='LogProcessor', window_size=50, by_epoch=True, num_digits=6)
log_level = 'INFO'
load_from = None
resume = False

backend_args = dict(backend='local')

val_cfg = dict()
test_cfg = dict()
